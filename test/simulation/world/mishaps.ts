/* What becomes of single appends: acknowledged and lost, there twice, or there again much later. */
import type { PartitionLog } from './partition-log.js';
import type { Random } from './random.js';
import type { World } from './world.js';
import { young } from './young.js';

export type MishapKind = 'lost' | 'twice' | 'twice-late' | 'lost-change' | 'unanswered';

const MISHAP_ONE_IN = 120;
/** Of the lost messages of change topics: a schedule with one checks less. */
const LOST_CHANGE_ONE_IN = 6;
const LATE_MS = 40_000;

/** How often what was not answered arrives after all. */
const ARRIVES_ONE_IN = 2;

export class Mishaps {
  constructor(
    private readonly world: World,
    private readonly random: Random,
    /** False: this kind is left out. Counts it otherwise. */
    private readonly mayHappen: (kind: MishapKind) => boolean,
  ) {
    const { raw, reports, changes } = world.topics;
    for (const log of raw) this.#trouble(log, () => ['lost', 'twice', 'twice-late']);
    this.#trouble(reports, () => ['lost', 'twice', 'twice-late']);
    for (const log of [...changes.values()].flat())
      this.#trouble(log, ({ kind }) =>
        kind === 'fence' ? ['lost-change'] : ['twice', 'twice-late', 'lost-change'],
      );
    world.topics.isUnanswered = young((arrive) => this.#isUnanswered(arrive));
  }

  #trouble<M>(log: PartitionLog<M>, kindsOf: (message: M) => readonly MishapKind[]): void {
    const { random, world } = this;
    log.mishap = young((message, key) => {
      if (!world.isFaulty || !random.oneIn(MISHAP_ONE_IN)) return null;
      const kind = random.pick(kindsOf(message));
      if (kind === 'lost-change' && !random.oneIn(LOST_CHANGE_ONE_IN)) return null;
      if (!this.mayHappen(kind)) return null;
      if (kind === 'lost-change' || (kind === 'lost' && isShadow(message))) world.witness.isLossy = true;
      if (kind === 'twice-late') this.#late(() => log.put(message, key));
      return kind === 'twice' ? 'twice' : kind === 'twice-late' ? null : 'lost';
    });
  }

  /** What is sent once, and its answer does not come: it arrives late or never. */
  #isUnanswered(arrive: () => void): boolean {
    const { random, world } = this;
    if (!world.isFaulty || !random.oneIn(MISHAP_ONE_IN) || !this.mayHappen('unanswered')) return false;
    if (random.oneIn(ARRIVES_ONE_IN)) this.#late(arrive);
    return true;
  }

  /** A first try that timed out arrives after all. */
  #late(arrive: () => void): void {
    const { scheduler, driver } = this.world;
    const again = async (): Promise<void> => {
      await scheduler.delay(driver, this.random.below(LATE_MS));
      if (this.world.isFaulty) arrive();
    };
    again().catch((error: unknown) => scheduler.fail(error));
  }
}

/** Nobody repeats the report of a shadow: that it was lost shows only to a newcomer behind the compaction lag. */
function isShadow(message: unknown): boolean {
  return (message as { readonly kind?: unknown }).kind === 'shadow';
}
