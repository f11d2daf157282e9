/*
 * APPLY at offset c: the range that held changes is read again in slices of about half a second; after each the
 * partition returns to the marker, so that others get their turn, and goes on from `applyNext`. Kafka's place never
 * leaves c meanwhile; a crash resumes by redelivery.
 */
import type { ApplyMarker } from '#contracts';
import { applyRecords } from './applying.js';
import { BusySignal } from './busy.js';
import { failedReport, failing } from './markers.js';
import { groupRecords } from './planning.js';
import type { DistrictView, Position, SnapshotState } from './index-state.js';
import type { PlacedMessage, Turn, LoopPorts, Outcome } from './ports.js';
import { isSamePosition, type Moves } from './moves.js';
import { appliedReport, changedRange, isAppliedAsPlanned } from './tally.js';
import { readIndex } from './sense.js';

export const SLICE_MS = 500;

export class ApplyTurns {
  readonly #busy: BusySignal;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    private readonly moves: Moves,
  ) {
    this.#busy = new BusySignal(partition, ports, 'applying');
  }

  async take(
    marker: ApplyMarker,
    offset: bigint,
    district: DistrictView,
    snapshot: SnapshotState,
    position: Position,
    turn: Turn,
  ): Promise<Outcome> {
    if (position.mode === 'apply') return this.#slice(marker, offset, position, turn);
    const place = { partition: this.partition, epoch: position.epoch };
    if (snapshot.phase === 'applied' || snapshot.phase === 'swept') {
      await this.ports.logs.report([appliedReport(runOf(marker), place, snapshot)]);
      return this.moves.advance(position, { ...position, next: offset + 1n });
    }
    if (snapshot.phase !== 'planned') {
      const reason = `nothing to apply: the snapshot is ${snapshot.phase}`;
      await this.ports.logs.report([
        district.reports.failed ?? failedReport(marker, place, 'apply', reason, snapshot.generation),
      ]);
      return this.moves.advance(position, { ...position, next: offset + 1n });
    }
    const range = changedRange(snapshot);
    if (range === null) return this.#finish(marker, offset, snapshot, position);
    const begun: Position = { ...position, mode: 'apply', applyNext: String(range.first) };
    if (!(await this.moves.write(position, begun, []))) return { kind: 'refused' };
    return this.#slice(marker, offset, begun, turn);
  }

  async #slice(marker: ApplyMarker, offset: bigint, begun: Position, turn: Turn): Promise<Outcome> {
    let position = begun;
    const until = this.ports.clock.now() + SLICE_MS;
    const view = await readIndex(this.ports.index, this.partition, [marker.districtId], []);
    let snapshot = view.districts.get(marker.districtId)?.snapshot;
    if (!snapshot || !isSamePosition(view.position, position)) return { kind: 'refused' };
    const last = changedRange(snapshot)?.last ?? -1n;
    const from = BigInt(position.applyNext);
    if (from <= last) {
      const { start } = await this.ports.logs.rawEnds(this.partition);
      if (from < start) return this.#fail(marker, offset, snapshot, position);
      for await (const batch of this.ports.logs.readRaw(this.partition, from, last + 1n)) {
        const applied = await this.#applyBatch(marker, batch, position);
        if (applied === null) return { kind: 'refused' };
        position = applied;
        await turn.heartbeat();
        if (BigInt(position.applyNext) > last) break;
        if (turn.isLive() && this.ports.clock.now() < until) continue;
        await this.#busy.tell(position.epoch, runOf(marker));
        return { kind: 'return', offset };
      }
      if (BigInt(position.applyNext) <= last) return this.#fail(marker, offset, snapshot, position);
    }
    const after = await readIndex(this.ports.index, this.partition, [marker.districtId], []);
    snapshot = after.districts.get(marker.districtId)?.snapshot;
    if (!snapshot || !isSamePosition(after.position, position)) return { kind: 'refused' };
    return this.#finish(marker, offset, snapshot, position);
  }

  /** Emits and indexes what one batch changes; the position behind it, or null if it was refused. */
  async #applyBatch(
    marker: ApplyMarker,
    batch: readonly PlacedMessage[],
    position: Position,
  ): Promise<Position | null> {
    const behind = batch.at(-1)?.offset;
    if (behind === undefined) return position;
    const own = batch.filter(
      ({ message }) =>
        message?.kind === 'records' &&
        message.districtId === marker.districtId &&
        message.generation === marker.generation,
    );
    const groups = groupRecords(own);
    const after: Position = { ...position, applyNext: String(behind + 1n) };
    const view = await readIndex(this.ports.index, this.partition, [marker.districtId], groups);
    const district = view.districts.get(marker.districtId);
    if (!district?.snapshot || !isSamePosition(view.position, position)) return null;
    const applied = applyRecords(groups, view, district, district.snapshot, position.epoch);
    if (applied !== null) {
      this.ports.failpoint('reconciler.before-emit');
      await this.ports.logs.emit(this.partition, applied.changes);
      this.ports.failpoint('reconciler.after-emit');
    }
    const writes = applied === null ? [] : [applied.writes];
    const written = await this.moves.write(position, after, writes);
    this.ports.failpoint('reconciler.after-slice');
    return written ? after : null;
  }

  /** The log lost records while they were applied: what was sent stays true, and the run is at its end. */
  async #fail(
    marker: ApplyMarker,
    offset: bigint,
    snapshot: SnapshotState,
    position: Position,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    const reason = 'its records are no longer in the raw log';
    const { reports, writes } = failing(runOf(marker), place, 'apply', reason, snapshot);
    await this.ports.logs.report(reports);
    const after: Position = { ...position, mode: 'follow', next: offset + 1n, applyNext: '' };
    return this.moves.advance(position, after, writes);
  }

  async #finish(
    marker: ApplyMarker,
    offset: bigint,
    snapshot: SnapshotState,
    position: Position,
  ): Promise<Outcome> {
    if (!isAppliedAsPlanned(snapshot)) return this.#fail(marker, offset, snapshot, position);
    const place = { partition: this.partition, epoch: position.epoch };
    const report = appliedReport(runOf(marker), place, snapshot);
    await this.ports.logs.report([report]);
    this.ports.failpoint('reconciler.after-applied');
    const after: Position = { ...position, mode: 'follow', next: offset + 1n, applyNext: '' };
    const writes = [{ districtId: marker.districtId, snapshot: { ...snapshot, phase: 'applied' as const } }];
    return this.moves.advance(position, after, writes);
  }
}

function runOf({ districtId, generation }: ApplyMarker): { districtId: string; generation: number } {
  return { districtId, generation };
}
