/*
 * One raw partition, followed in steps that are always: read, decide, emit, compare-and-set, commit. The position in
 * the index says where to read; Kafka's committed offset is a hint. A refused compare-and-set means that another
 * worker acted: drop everything and read again. Nothing here may run before what precedes it was acknowledged.
 */
import type { ApplyMarker, RawMessage, RunKey, SweepMarker } from '#contracts';
import { ApplyTurns } from './apply-turns.js';
import {
  decideAbort,
  decideAsk,
  decideBegin,
  endRefusal,
  failedReport,
  strangerDecision,
  type Decision,
} from './markers.js';
import { plannedReport } from './plan-report.js';
import { groupRecords, planRecords } from './planning.js';
import type {
  DistrictView,
  DistrictWrites,
  IndexView,
  LoopPorts,
  Outcome,
  PlacedMessage,
  Position,
  Turn,
} from './ports.js';
import { PartitionStoppedError, rebuild } from './rebuild.js';
import { SweepTurns } from './sweep-turns.js';

export interface RawBatch {
  readonly messages: readonly PlacedMessage[];
  /** Offset behind the last message of the partition when the batch was read. */
  readonly end: bigint;
}

/** At most this many records are read and written in one call to the index. */
const SEGMENT_RECORDS = 2_500;
const BUSY_EVERY_MS = 5_000;

export class PartitionLoop {
  readonly #apply: ApplyTurns;
  readonly #sweep: SweepTurns;
  #highestEpoch = 0;
  #busyAt = 0;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    private readonly author: string,
  ) {
    this.#apply = new ApplyTurns(partition, ports);
    this.#sweep = new SweepTurns(partition, ports);
  }

  async handle(batch: RawBatch, turn: Turn): Promise<void> {
    let rest = batch.messages;
    while (rest.length > 0 && turn.isLive()) {
      const segment = segmentOf(rest);
      const outcome = await this.#step(segment, batch.end, turn);
      if (outcome.kind === 'return') return turn.seek(outcome.offset);
      if (outcome.kind === 'advanced') {
        rest = rest.filter(({ offset }) => offset >= outcome.next);
        const behind = (batch.messages.at(-1)?.offset ?? 0n) + 1n;
        await turn.commit(outcome.next < behind ? outcome.next : behind);
      }
      await turn.heartbeat();
    }
  }

  async #step(segment: readonly PlacedMessage[], end: bigint, turn: Turn): Promise<Outcome> {
    const [first] = segment;
    const last = segment.at(-1);
    if (first === undefined || last === undefined) throw new Error('a segment is never empty');
    const groups = groupRecords(segment);
    const districtIds = new Set(groups.map(({ districtId }) => districtId));
    const run = first.message === null ? undefined : runOf(first.message);
    if (run !== undefined) districtIds.add(run.districtId);
    const view = await this.ports.index.read(this.partition, [...districtIds], groups);
    const position = await this.#located(view, first.offset, end);
    if (position === null) return { kind: 'refused' };
    if (first.offset > position.next) return { kind: 'return', offset: position.next };
    if (last.offset < position.next) return { kind: 'advanced', next: position.next };
    const marker = first.message;
    if (marker !== null && marker.kind !== 'records') {
      return this.#follow(marker, first.offset, view, position, turn);
    }
    const writes = planRecords(groups, view, position.next);
    await this.#tellBusy(position);
    this.ports.failpoint('reconciler.before-plan');
    return this.#write(position, last.offset + 1n, writes);
  }

  /** The position to work from; null after a rebuild, when everything is to be read again. */
  async #located(view: IndexView, first: bigint, end: bigint): Promise<Position | null> {
    const { position } = view;
    if (position === null) {
      await rebuild(this.partition, this.ports.index, this.ports.logs, this.author);
      return null;
    }
    if (position.epoch < this.#highestEpoch) {
      throw new PartitionStoppedError(this.partition, 'the index shows an older epoch than before');
    }
    this.#highestEpoch = position.epoch;
    if (position.next > end) {
      const { end: logEnd } = await this.ports.logs.rawEnds(this.partition);
      if (position.next > logEnd) {
        throw new PartitionStoppedError(this.partition, 'its position is above the end of the raw log');
      }
    }
    if (position.next < first) {
      const { start } = await this.ports.logs.rawEnds(this.partition);
      if (position.next < start) {
        throw new PartitionStoppedError(this.partition, 'its position is below the start of the raw log');
      }
    }
    return position;
  }

  async #follow(
    marker: Exclude<RawMessage, { kind: 'records' }>,
    offset: bigint,
    view: IndexView,
    position: Position,
    turn: Turn,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    const run = runOf(marker);
    const district = run === undefined ? undefined : view.districts.get(run.districtId);
    switch (marker.kind) {
      case 'ask':
        return this.#decided(position, offset, decideAsk(marker, place, district));
      case 'fence':
        if (marker.epoch > position.epoch) {
          throw new PartitionStoppedError(
            this.partition,
            'another reconciler began an epoch that the index lost',
          );
        }
        return this.#write(position, offset + 1n, []);
      case 'begin':
        return this.#decided(position, offset, decideBegin(marker, known(district)));
      case 'abort':
        return this.#decided(position, offset, decideAbort(marker, known(district)));
      case 'end':
        return this.#decided(position, offset, await this.#decideEnd(marker, place, known(district)));
      case 'apply':
      case 'sweep':
        return this.#carryOut(marker, offset, known(district), position, turn);
    }
  }

  async #carryOut(
    marker: ApplyMarker | SweepMarker,
    offset: bigint,
    district: DistrictView,
    position: Position,
    turn: Turn,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    const snapshot = district.snapshot;
    if (snapshot === null || snapshot.generation !== marker.generation) {
      return this.#decided(position, offset, strangerDecision(marker, place, marker.kind, snapshot));
    }
    return marker.kind === 'apply'
      ? this.#apply.take(marker, offset, district, snapshot, position, turn)
      : this.#sweep.take(marker, offset, district, snapshot, position, turn);
  }

  async #decideEnd(
    marker: Extract<RawMessage, { kind: 'end' }>,
    place: { partition: number; epoch: number },
    district: DistrictView,
  ): Promise<Decision> {
    const { districtId, generation } = marker;
    const snapshot = district.snapshot;
    if (snapshot === null || snapshot.generation !== generation) {
      return strangerDecision(marker, place, 'end', snapshot);
    }
    if (snapshot.phase !== 'reading') return { reports: [], writes: [] };
    const run = { districtId, generation };
    const refusal = endRefusal(marker, snapshot);
    if (refusal !== null) {
      const failed = failedReport(run, place, 'end', refusal, generation);
      const writes = [
        { districtId, snapshot: { ...snapshot, phase: 'failed' as const }, reports: { failed } },
      ];
      return { reports: [failed], writes };
    }
    const planned = await plannedReport(this.ports.index, run, place, district, snapshot);
    const writes = [
      { districtId, snapshot: { ...snapshot, phase: 'planned' as const }, reports: { planned } },
    ];
    return { reports: [planned], writes };
  }

  async #decided(position: Position, offset: bigint, decision: Decision): Promise<Outcome> {
    if (decision.reports.length > 0) await this.ports.logs.report(decision.reports);
    this.ports.failpoint('reconciler.after-report');
    return this.#write(position, offset + 1n, decision.writes);
  }

  async #write(position: Position, next: bigint, writes: readonly DistrictWrites[]): Promise<Outcome> {
    const after: Position = { ...position, next };
    const written = await this.ports.index.write(this.partition, position, after, writes);
    return written ? { kind: 'advanced', next } : { kind: 'refused' };
  }

  async #tellBusy(position: Position): Promise<void> {
    const now = this.ports.clock.now();
    if (this.#busyAt === 0) this.#busyAt = now;
    if (now - this.#busyAt < BUSY_EVERY_MS) return;
    this.#busyAt = now;
    const place = { partition: this.partition, epoch: position.epoch };
    await this.ports.logs.report([{ kind: 'busy', ...place, phase: 'planning' }]);
  }
}

const UNKNOWN_DISTRICT: DistrictView = { snapshot: null, reports: {}, digests: {}, archived: {} };

function known(district: DistrictView | undefined): DistrictView {
  return district ?? UNKNOWN_DISTRICT;
}

function runOf(message: RawMessage): RunKey | undefined {
  switch (message.kind) {
    case 'ask':
      return message.run;
    case 'fence':
      return undefined;
    default:
      return message;
  }
}

/** The first marker alone, or the records up to the next one, bounded. */
function segmentOf(messages: readonly PlacedMessage[]): readonly PlacedMessage[] {
  let records = 0;
  for (const [at, { message }] of messages.entries()) {
    if (message !== null && message.kind !== 'records') return messages.slice(0, Math.max(at, 1));
    records += message?.records.length ?? 0;
    if (records >= SEGMENT_RECORDS) return messages.slice(0, at + 1);
  }
  return messages;
}
