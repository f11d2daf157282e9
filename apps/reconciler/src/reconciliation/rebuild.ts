/*
 * Redis is a view of the change topics: a partition whose position is lost, or does not fit its log, is folded from
 * them anew, under an epoch of its own and behind its own fence in the raw log and in every change topic, so that
 * whoever wrote before is told from whoever writes after. The order is: read to the ends, fence the raw log, take away a
 * position of an older epoch, report, fence each change topic and read on to that fence, load fresh keys, set the
 * position; it names the raw fence, and whoever takes it up looks for that. Who finds another's fence of this epoch before its own starts again;
 * the first to fence the first topic is never stopped by the others. A fence counts only once it was read where it was
 * acknowledged: a position behind a lost one would be behind the next one. That of a change topic is never sent again:
 * where its answer is missing all begins anew, as another author. For of two copies under one key compaction keeps the
 * later, and what stood between them would be in force again.
 */
import { ENTITY_TYPES, MAX_EPOCH, watermarkTerm, XorSum } from '#contracts';
import { BusySignal } from './busy.js';
import { TypeFold, type DistrictFold } from './fold.js';
import type { LoadedType, Position } from './index-state.js';
import { isSamePosition } from './moves.js';
import { PartitionStoppedError } from './partition-stopped.errors.js';
import type { LoopPorts, Turn } from './ports.js';
import { findRawFence } from './raw-fence.js';
import { readIndex } from './sense.js';

const LOAD_RECORDS = 2_500;

/** `outrun`: another rebuilder fenced first, or an own fence is not known to be in its log; `lost`: the partition is no longer this consumer's. */
type Ending = 'ended' | 'outrun' | 'lost';

export class Rebuild {
  #attempts = 0;
  readonly #busy: BusySignal;

  constructor(
    private readonly partition: number,
    private readonly ports: LoopPorts,
    private readonly author: string,
  ) {
    this.#busy = new BusySignal(partition, ports, 'rebuilding');
  }

  /**
   * Returns when the position is to be read again: it was set here or by another, or the partition is not held any
   * more. `floor`: the highest epoch known of the partition, 0 if none; the new one is above it.
   */
  async run(floor: number, turn: Turn): Promise<void> {
    while ((await this.#attempt(floor, turn)) === 'outrun') {
      const { position } = await readIndex(this.ports.index, this.partition, [], []);
      if (position !== null && position.epoch > floor) return;
    }
  }

  async #attempt(floor: number, turn: Turn): Promise<Ending> {
    const { logs, index, failpoint } = this.ports;
    const folds = ENTITY_TYPES.map((entityType) => new TypeFold(entityType));
    for (const fold of folds) {
      const { start, end } = await logs.changeEnds(this.partition, fold.entityType);
      fold.next = start;
      if (!(await this.#readTo(fold, end, Math.max(floor, 1), turn))) return 'lost';
    }
    const epoch = Math.max(floor, ...folds.map(({ highestEpoch }) => highestEpoch)) + 1;
    if (epoch > MAX_EPOCH) throw this.#withoutEpoch(folds);
    this.#attempts += 1;
    const author = `${this.author}.${this.#attempts}`;
    failpoint('reconciler.before-raw-fence');
    const fencedAt = await logs.fenceRaw(this.partition, epoch, author);
    failpoint('reconciler.after-raw-fence');
    if (!(await this.#isInRaw(epoch, author, fencedAt))) return 'outrun';
    await this.#retireOlder(epoch);
    await logs.report([{ kind: 'rebuilding', partition: this.partition, epoch }]);
    failpoint('reconciler.after-rebuilding');
    for (const fold of folds) {
      const ownFence = await logs.fenceChange(this.partition, fold.entityType, epoch, author);
      failpoint('reconciler.after-change-fence');
      if (ownFence === null) return 'outrun';
      if (!(await this.#readTo(fold, ownFence, epoch, turn))) return 'lost';
      if (fold.highestFence >= epoch || !(await this.#isInChanges(fold, ownFence, author))) return 'outrun';
    }
    const loaded = await this.#load(folds, epoch, turn);
    if (loaded === null) return 'lost';
    const place = { mode: 'follow', next: fencedAt + 1n, applyNext: '' } as const;
    const position: Position = { epoch, ...place, fencedAt, fencedBy: author };
    failpoint('reconciler.before-install');
    const isInstalled = await index.install(this.partition, position, loaded);
    const ids = loaded.reduce((sum, { ids }) => sum + ids, 0);
    this.ports.note?.('rebuilt', { partition: this.partition, epoch, ids, isInstalled });
    failpoint('reconciler.after-install');
    return 'ended';
  }

  /** A fence above the highest epoch could be read by nobody, and the rebuild would send one after the other. */
  #withoutEpoch(folds: readonly TypeFold[]): PartitionStoppedError {
    const types = folds.filter(({ highestEpoch }) => highestEpoch >= MAX_EPOCH);
    const where = types.map(({ entityType }) => entityType).join(', ') || 'the raw log or the index';
    const found = `${where} holds epoch ${MAX_EPOCH}, above which there is none`;
    return new PartitionStoppedError(this.partition, `${found}: see who wrote it, then start anew`);
  }

  /**
   * From here on nobody may go on in an older epoch, also where the raw fence is not met: a log that was made anew grows
   * until an old position seems to fit it, beyond the fence, and every consumer would pass over what is sent from there.
   */
  async #retireOlder(epoch: number): Promise<void> {
    const { index, failpoint } = this.ports;
    for (let retired: Position | null = null; ;) {
      const { position } = await readIndex(index, this.partition, [], []);
      if (position === null || position.epoch >= epoch || isSamePosition(retired, position)) return;
      failpoint('reconciler.before-retire');
      await index.retire(this.partition, position);
      failpoint('reconciler.after-retire');
      retired = position;
    }
  }

  async #isInRaw(epoch: number, author: string, offset: bigint): Promise<boolean> {
    return (await findRawFence(this.ports.logs, this.partition, { epoch, author, offset })) === 'there';
  }

  async #isInChanges({ entityType }: TypeFold, offset: bigint, author: string): Promise<boolean> {
    const { end } = await this.ports.logs.changeEnds(this.partition, entityType);
    if (offset >= end) return false;
    const batches = this.ports.logs.readChanges(this.partition, entityType, offset, offset + 1n);
    for await (const batch of batches) {
      for (const message of batch) return message.kind === 'fence' && message.author === author;
    }
    return false;
  }

  /** False if the partition was lost on the way. */
  async #readTo(fold: TypeFold, to: bigint, epoch: number, turn: Turn): Promise<boolean> {
    if (fold.next >= to) return turn.isLive();
    const batches = this.ports.logs.readChanges(this.partition, fold.entityType, fold.next, to);
    for await (const batch of batches) {
      for (const message of batch) fold.add(message);
      if (!(await this.#goesOn(epoch, turn))) return false;
    }
    if (fold.next < to) fold.next = to;
    return turn.isLive();
  }

  /** What was loaded; null if the partition was lost on the way. */
  async #load(folds: readonly TypeFold[], epoch: number, turn: Turn): Promise<LoadedType[] | null> {
    const loaded: LoadedType[] = [];
    for (const typeFold of folds) {
      const { entityType } = typeFold;
      for (const { districtId, fold } of typeFold.takeDistricts()) {
        const digest = await this.#loadDistrict({ districtId, entityType }, fold, epoch, turn);
        if (digest === null) return null;
        loaded.push({ districtId, entityType, ids: fold.size, digest });
      }
    }
    return loaded;
  }

  async #loadDistrict(
    { districtId, entityType }: Pick<LoadedType, 'districtId' | 'entityType'>,
    fold: DistrictFold,
    epoch: number,
    turn: Turn,
  ): Promise<LoadedType['digest'] | null> {
    const sum = new XorSum();
    let first = true;
    for (const chunk of fold.chunks(LOAD_RECORDS)) {
      for (const { gg4lId, entry } of chunk) {
        if (entry.status === 'active') sum.add(watermarkTerm(gg4lId, entry.fingerprint));
      }
      const digest = { active: sum.count, xor: sum.hex };
      await this.ports.index.load(this.partition, epoch, districtId, entityType, chunk, { first, digest });
      first = false;
      this.ports.failpoint('reconciler.after-load');
      if (!(await this.#goesOn(epoch, turn))) return null;
    }
    return { active: sum.count, xor: sum.hex };
  }

  async #goesOn(epoch: number, turn: Turn): Promise<boolean> {
    if (!turn.isLive()) return false;
    await turn.heartbeat();
    await this.#busy.tell(epoch);
    return true;
  }
}
