/*
 * SWEEP at offset c: the worklists are made in one call, archived in chunks, and closed in a mode of its own in which
 * the watermarks and the report go out before the position moves on. A chunk acts only on the ids that it took from the
 * worklist itself, so that two workers never archive one id twice.
 */
import { isEntityType, type RunKey, type SweepMarker } from '#contracts';
import { BusySignal } from './busy.js';
import { failedReport, failing } from './markers.js';
import type { DistrictView, DistrictWrites, Position, SnapshotState } from './index-state.js';
import type { Turn, LoopPorts, Outcome } from './ports.js';
import { SLICE_MS } from './apply-turns.js';
import { isSamePosition, type Moves } from './moves.js';
import {
  archiveRecords,
  isSweptAsPlanned,
  nextSwept,
  plannedStale,
  SWEEP_ORDER,
  watermarksOf,
} from './sweeping.js';
import { appliedReport, changedRange, sweptReport } from './tally.js';
import { readIndex } from './sense.js';

const CHUNK_RECORDS = 1_000;

export class SweepTurns {
  readonly #busy: BusySignal;
  /** Where a sweep was last refused. */
  #refused: Position | null = null;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    private readonly moves: Moves,
  ) {
    this.#busy = new BusySignal(partition, ports, 'sweeping');
  }

  async take(
    marker: SweepMarker,
    offset: bigint,
    district: DistrictView,
    snapshot: SnapshotState,
    position: Position,
    turn: Turn,
  ): Promise<Outcome> {
    switch (position.mode) {
      case 'close':
        return this.#close(marker, offset, district, snapshot, position);
      case 'sweep':
        return this.#sweep(marker, offset, snapshot, position, turn);
      case 'apply':
        throw new Error(`partition ${this.partition}: SWEEP at ${offset} in the middle of an APPLY`);
      case 'follow':
        return this.#start(marker, offset, district, snapshot, position, turn);
    }
  }

  async #start(
    marker: SweepMarker,
    offset: bigint,
    district: DistrictView,
    snapshot: SnapshotState,
    position: Position,
    turn: Turn,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    if (snapshot.phase === 'swept') {
      await this.#answer(marker, district, snapshot, position);
      return this.moves.advance(position, { ...position, next: offset + 1n });
    }
    const isReady =
      snapshot.phase === 'applied' || (snapshot.phase === 'planned' && changedRange(snapshot) === null);
    if (!isReady) {
      const reason = `cannot sweep: the snapshot is ${snapshot.phase}`;
      await this.ports.logs.report([failedReport(marker, place, 'sweep', reason, snapshot.generation)]);
      return this.moves.advance(position, { ...position, next: offset + 1n });
    }
    const { districtId, generation } = marker;
    const begun: Position = { ...position, mode: 'sweep', applyNext: SWEEP_ORDER[0] ?? '' };
    const { phase, refresh } = snapshot;
    const startSweep = { generation, phase, refresh, atMost: plannedStale(district) };
    if (!(await this.moves.write(position, begun, [{ districtId, startSweep }]))) {
      if (this.#refused === null || !isSamePosition(this.#refused, position)) {
        this.#refused = position;
        return { kind: 'refused' };
      }
      // Nobody else was here: it holds fewer marks than when the plan was made. Nobody is archived.
      const reason = 'the sweep would archive more than the plan counted: the index has lost marks';
      return this.#fail(marker, offset, snapshot, position, reason);
    }
    this.ports.failpoint('reconciler.after-worklists');
    return this.#sweep(marker, offset, snapshot, begun, turn);
  }

  /** What was archived so far stays true, and the run is at its end. */
  async #fail(
    marker: SweepMarker,
    offset: bigint,
    snapshot: SnapshotState,
    position: Position,
    reason: string,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    const { districtId, generation } = marker;
    const { reports, writes } = failing({ districtId, generation }, place, 'sweep', reason, snapshot);
    await this.ports.logs.report(reports);
    const after: Position = { ...position, mode: 'follow', next: offset + 1n, applyNext: '' };
    return this.moves.advance(position, after, writes);
  }

  async #sweep(
    marker: SweepMarker,
    offset: bigint,
    snapshot: SnapshotState,
    begun: Position,
    turn: Turn,
  ): Promise<Outcome> {
    let position = begun;
    const until = this.ports.clock.now() + SLICE_MS;
    const { districtId, generation } = marker;
    for (;;) {
      const entityType = position.applyNext;
      if (!isEntityType(entityType)) throw new Error(`partition ${this.partition}: no type to sweep`);
      const group = { districtId, entityType, generation };
      const stale = await this.ports.index.stale(this.partition, position.epoch, group, CHUNK_RECORDS);
      if (stale.length > 0) {
        const { changes, chunk } = archiveRecords(marker, entityType, snapshot, position.epoch, stale);
        this.ports.failpoint('reconciler.before-archive');
        await this.ports.logs.emit(this.partition, changes);
        this.ports.failpoint('reconciler.after-archive');
        const taken = await this.ports.index.archive(this.partition, position, chunk);
        this.ports.failpoint('reconciler.after-archived');
        if (taken === null) return { kind: 'refused' };
      } else {
        const moved = await this.#nextType(marker, snapshot, position, nextSwept(entityType));
        if (moved === null) return { kind: 'refused' };
        position = moved;
      }
      await turn.heartbeat();
      if (position.mode === 'close') return this.#closeAfresh(marker, offset, position);
      if (turn.isLive() && this.ports.clock.now() < until) continue;
      await this.#busy.tell(position.epoch, { districtId, generation });
      return { kind: 'return', offset };
    }
  }

  /** The position at the next type, or in mode close behind the last; null if it was refused. */
  async #nextType(
    marker: SweepMarker,
    snapshot: SnapshotState,
    position: Position,
    next: string | null,
  ): Promise<Position | null> {
    if (next !== null) return this.#moved(position, { ...position, applyNext: next }, []);
    const { districtId, generation } = marker;
    const closed: Position = { ...position, mode: 'close', applyNext: '' };
    const swept = {
      districtId,
      snapshot: { ...snapshot, phase: 'swept' as const },
      endSweep: { generation },
    };
    // Redis may have gone back, at the same position, to worklists that were empty: they are gone through again.
    return (
      (await this.#moved(position, closed, [swept])) ??
      this.#moved(position, { ...position, applyNext: SWEEP_ORDER[0] ?? '' }, [])
    );
  }

  async #moved(
    position: Position,
    after: Position,
    writes: readonly DistrictWrites[],
  ): Promise<Position | null> {
    return (await this.moves.write(position, after, writes)) ? after : null;
  }

  async #closeAfresh(marker: SweepMarker, offset: bigint, position: Position): Promise<Outcome> {
    const view = await readIndex(this.ports.index, this.partition, [marker.districtId], []);
    const district = view.districts.get(marker.districtId);
    if (!district?.snapshot || !isSamePosition(view.position, position)) return { kind: 'refused' };
    return this.#close(marker, offset, district, district.snapshot, position);
  }

  async #close(
    marker: SweepMarker,
    offset: bigint,
    district: DistrictView,
    snapshot: SnapshotState,
    position: Position,
  ): Promise<Outcome> {
    if (!isSweptAsPlanned(district)) {
      const reason = 'the sweep archived fewer than the plan counted: the index has lost a worklist';
      return this.#fail(marker, offset, snapshot, position, reason);
    }
    const { districtId, generation } = marker;
    await this.#answer(marker, district, snapshot, position);
    this.ports.failpoint('reconciler.after-swept');
    const after: Position = { ...position, mode: 'follow', next: offset + 1n, applyNext: '' };
    return this.moves.advance(position, after, [{ districtId, forget: { generation, reports: false } }]);
  }

  /** All watermarks, then the reports that the run waits for. */
  async #answer(
    marker: SweepMarker,
    district: DistrictView,
    snapshot: SnapshotState,
    position: Position,
  ): Promise<void> {
    const place = { partition: this.partition, epoch: position.epoch };
    const run: RunKey = { districtId: marker.districtId, generation: marker.generation };
    const watermarks = watermarksOf(marker, this.partition, position.epoch, district, snapshot.openedAt);
    this.ports.failpoint('reconciler.before-watermarks');
    await this.ports.logs.emitWatermarks(this.partition, watermarks);
    this.ports.failpoint('reconciler.after-watermarks');
    await this.ports.logs.report([appliedReport(run, place, snapshot), sweptReport(run, place, district)]);
  }
}
