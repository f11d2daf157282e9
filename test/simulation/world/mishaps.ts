/* What becomes of single appends: acknowledged and lost, there twice, or there again much later. */
import type { PartitionLog } from './partition-log.js';
import type { Random } from './random.js';
import type { World } from './world.js';

export type MishapKind = 'lost' | 'twice' | 'twice-late' | 'lost-change';

const MISHAP_ONE_IN = 120;
/** Of the lost messages of change topics: a schedule with one checks less. */
const LOST_CHANGE_ONE_IN = 6;
const LATE_MS = 40_000;

export class Mishaps {
  constructor(
    private readonly world: World,
    private readonly random: Random,
    /** False: this kind is left out. Counts it otherwise. */
    private readonly mayHappen: (kind: MishapKind) => boolean,
  ) {
    const { raw, reports, changes } = world.topics;
    for (const log of raw) this.#trouble(log, ['lost', 'twice', 'twice-late']);
    this.#trouble(reports, ['lost', 'twice', 'twice-late'], ({ kind }) => kind !== 'shadow');
    for (const log of [...changes.values()].flat())
      this.#trouble(log, ['twice', 'twice-late', 'lost-change']);
  }

  /**
   * Nobody repeats the report of a shadow: that it was acknowledged and lost shows only to a newcomer behind the
   * compaction lag, who drifts for good reason and asks for a refresh himself. It is left out here.
   */
  #trouble<M>(
    log: PartitionLog<M>,
    kinds: readonly MishapKind[],
    mayBeLost: (message: M) => boolean = () => true,
  ): void {
    const { random, world } = this;
    log.mishap = (message, key) => {
      if (!world.isFaulty || !random.oneIn(MISHAP_ONE_IN)) return null;
      const kind = random.pick(kinds);
      if (kind === 'lost' && !mayBeLost(message)) return null;
      if (kind === 'lost-change' && !random.oneIn(LOST_CHANGE_ONE_IN)) return null;
      if (!this.mayHappen(kind)) return null;
      if (kind === 'lost-change') world.witness.isLossy = true;
      if (kind === 'twice-late') this.#again(log, message, key);
      return kind === 'twice' ? 'twice' : kind === 'twice-late' ? null : 'lost';
    };
  }

  /** A first try that timed out and was repeated arrives after all. */
  #again<M>(log: PartitionLog<M>, message: M, key: string | null): void {
    const { scheduler, driver } = this.world;
    const again = async (): Promise<void> => {
      await scheduler.delay(driver, this.random.below(LATE_MS));
      if (this.world.isFaulty) log.put(message, key);
    };
    again().catch((error: unknown) => scheduler.fail(error));
  }
}
