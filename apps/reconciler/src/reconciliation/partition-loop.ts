/*
 * One raw partition, followed in steps that are always: read, decide, emit, compare-and-set, commit. The position in
 * the index says where to read; Kafka's committed offset is a hint. A refused compare-and-set means that another
 * worker acted: drop everything and read again. Nothing here may run before what precedes it was acknowledged.
 */
import type { ApplyMarker, EndMarker, RawMessage, SweepMarker } from '#contracts';
import { ApplyTurns } from './apply-turns.js';
import { BusySignal } from './busy.js';
import { decideEnd } from './ending.js';
import type { DistrictView, DistrictWrites, IndexView, Position } from './index-state.js';
import { decideAbort, decideAsk, decideBegin, strangerDecision, type Decision } from './markers.js';
import { NonsenseError, PartitionStoppedError } from './partition-stopped.errors.js';
import { isSamePosition, Moves } from './moves.js';
import { Placing, type Unfit } from './placing.js';
import { groupRecords, planRecords } from './planning.js';
import type { LoopPorts, Outcome, PlacedMessage, Turn } from './ports.js';
import { Rebuild } from './rebuild.js';
import { requireRising, runOf, segmentOf } from './segments.js';
import { SweepTurns } from './sweep-turns.js';
import { readIndex } from './sense.js';

export interface RawBatch {
  readonly messages: readonly PlacedMessage[];
  /** Offset behind the last message of the partition when the batch was read. */
  readonly end: bigint;
}

export class PartitionLoop {
  readonly #apply: ApplyTurns;
  readonly #sweep: SweepTurns;
  readonly #moves: Moves;
  readonly #placing: Placing;
  readonly #rebuild: Rebuild;
  readonly #busy: BusySignal;
  #holdsDeadEpochs = true;
  /** Of the step that is being carried out, once its position is known. */
  #atWork: { readonly epoch: number; readonly districtIds: readonly string[] } | null = null;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    author: string,
  ) {
    this.#moves = new Moves(partition, ports.index);
    this.#apply = new ApplyTurns(partition, ports, this.#moves);
    this.#sweep = new SweepTurns(partition, ports, this.#moves);
    this.#placing = new Placing(partition, ports.logs, this.#moves);
    this.#rebuild = new Rebuild(partition, ports, author);
    this.#busy = new BusySignal(partition, ports, 'planning');
  }

  /** Throws PartitionStoppedError where a port answers what cannot be. */
  async handle(batch: RawBatch, turn: Turn): Promise<void> {
    requireRising(this.partition, batch.messages);
    try {
      await this.#followBatch(batch, turn);
    } catch (error) {
      if (!(error instanceof NonsenseError)) throw error;
      if (await this.#isOutdated()) return;
      throw new PartitionStoppedError(this.partition, error.message, { cause: error });
    }
  }

  /**
   * Keys of an epoch that another gave up, or that Redis loses, vanish one by one: what was read of them may not fit
   * together. The next step finds a partition to rebuild, or one that was rebuilt.
   */
  async #isOutdated(): Promise<boolean> {
    if (this.#atWork === null) return false;
    const { epoch, districtIds } = this.#atWork;
    const { position, incomplete } = await this.ports.index.read(this.partition, districtIds, []);
    return position === null || position.epoch > epoch || incomplete.length > 0;
  }

  async #followBatch(batch: RawBatch, turn: Turn): Promise<void> {
    const behind = (batch.messages.at(-1)?.offset ?? -1n) + 1n;
    let rest = batch.messages;
    while (rest.length > 0 && turn.isLive()) {
      const outcome = await this.#step(segmentOf(rest), batch.end, turn);
      if (outcome.kind === 'return') {
        // Nothing of the batch is wanted: a group that forgot its place would else lag until the next message.
        if (outcome.offset >= behind) await turn.commit(outcome.offset);
        return turn.seek(outcome.offset);
      }
      if (outcome.kind === 'advanced') {
        rest = rest.filter(({ offset }) => offset >= outcome.next);
        this.ports.failpoint('reconciler.before-commit');
        await turn.commit(outcome.next < behind ? outcome.next : behind);
        if (outcome.next > behind) return turn.seek(outcome.next);
      }
      await turn.heartbeat();
    }
  }

  async #step(segment: readonly PlacedMessage[], end: bigint, turn: Turn): Promise<Outcome> {
    const [first] = segment;
    const last = segment.at(-1);
    if (first === undefined || last === undefined) throw new Error('a segment is never empty');
    this.#atWork = null;
    const groups = groupRecords(segment);
    const districtIds = new Set(groups.map(({ districtId }) => districtId));
    const run = first.message === null ? undefined : runOf(first.message);
    if (run !== undefined) districtIds.add(run.districtId);
    const view = await readIndex(this.ports.index, this.partition, [...districtIds], groups);
    const place = await this.#placing.place(view, segment, end);
    if (place.kind === 'unfit') return this.#rebuildFrom(place, turn);
    const { position } = place;
    this.#atWork = { epoch: position.epoch, districtIds: [...districtIds] };
    await this.#forgetDeadEpochs(position);
    if (place.kind === 'found') return { kind: 'return', offset: position.next };
    if (last.offset < position.next) return { kind: 'advanced', next: position.next };
    const marker = first.message;
    if (marker !== null && marker.kind !== 'records') {
      return this.#follow(marker, first.offset, view, position, turn);
    }
    const writes = planRecords(groups, view, position.next);
    await this.#busy.tell(position.epoch);
    this.ports.failpoint('reconciler.before-plan');
    const outcome = await this.#write(position, last.offset + 1n, writes);
    this.ports.failpoint('reconciler.after-plan');
    return outcome;
  }

  async #rebuildFrom(place: Unfit, turn: Turn): Promise<Outcome> {
    this.#holdsDeadEpochs = true;
    this.ports.note?.('rebuilding', { partition: this.partition, why: place.why });
    await this.#rebuild.run(place.floor, turn);
    return { kind: 'refused' };
  }

  /** A bounded number of keys a step, so that nothing waits for it. */
  async #forgetDeadEpochs({ epoch }: Position): Promise<void> {
    if (!this.#holdsDeadEpochs) return;
    this.#holdsDeadEpochs = await this.ports.index.forgetEpochs(this.partition, epoch);
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
      case 'ask': {
        const heardOf = marker.epochs?.[this.partition] ?? 0;
        if (heardOf > position.epoch) return this.#rebuildFrom(this.#placing.unfenced(heardOf), turn);
        return this.#decided(position, offset, decideAsk(marker, place, district));
      }
      case 'fence':
        if (marker.epoch <= position.epoch) return this.#write(position, offset + 1n, []);
        return this.#rebuildFrom(this.#placing.outrun(), turn);
      case 'begin':
        return this.#decided(position, offset, decideBegin(marker, known(district)));
      case 'abort':
        return this.#decided(position, offset, decideAbort(marker, known(district)));
      case 'end':
        return this.#end(marker, offset, known(district), position);
      case 'apply':
      case 'sweep':
        return this.#carryOut(marker, offset, known(district), position, turn);
    }
  }

  /** What is stale is counted in many reads: a plan counts only if Redis did not go back between two of them. */
  async #end(
    marker: EndMarker,
    offset: bigint,
    district: DistrictView,
    position: Position,
  ): Promise<Outcome> {
    const place = { partition: this.partition, epoch: position.epoch };
    const decision = await decideEnd(this.ports.index, marker, place, district);
    const { position: now } = await readIndex(this.ports.index, this.partition, [], []);
    if (!isSamePosition(now, position)) return { kind: 'refused' };
    return this.#decided(position, offset, decision);
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

  async #decided(position: Position, offset: bigint, decision: Decision): Promise<Outcome> {
    this.ports.failpoint('reconciler.before-report');
    if (decision.reports.length > 0) await this.ports.logs.report(decision.reports);
    this.ports.failpoint('reconciler.after-report');
    return this.#write(position, offset + 1n, decision.writes);
  }

  #write(position: Position, next: bigint, writes: readonly DistrictWrites[]): Promise<Outcome> {
    return this.#moves.advance(position, { ...position, next }, writes);
  }
}

const UNKNOWN_DISTRICT: DistrictView = { snapshot: null, reports: {}, digests: {}, archived: {} };

function known(district: DistrictView | undefined): DistrictView {
  return district ?? UNKNOWN_DISTRICT;
}
