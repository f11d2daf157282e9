/*
 * Whether anything of a district was written to a change topic since it was read: so a long reading can be done while
 * nobody waits for it, and only what came behind it is looked at where everybody does.
 */
import { changeKey, type EntityType } from '#contracts';
import type { Stores } from '../verify/stores.js';

type Ground = Pick<Stores, 'reader' | 'topics' | 'partitions'>;

export class UnchangedTopic {
  readonly #next = new Map<number, bigint>();

  private constructor(
    private readonly ground: Ground,
    private readonly entityType: EntityType,
    private readonly districtId: string,
  ) {}

  /** From the ends of now on. */
  static async from(ground: Ground, entityType: EntityType, districtId: string): Promise<UnchangedTopic> {
    const unchanged = new UnchangedTopic(ground, entityType, districtId);
    const topic = ground.topics.changes[entityType];
    for (const partition of ground.partitions)
      unchanged.#next.set(partition, (await ground.reader.ends(topic, partition)).end);
    return unchanged;
  }

  /** Reads on; the next look begins where this one ends. */
  async hasChanged(): Promise<boolean> {
    const { reader, topics } = this.ground;
    const topic = topics.changes[this.entityType];
    const prefix = Buffer.from(changeKey(this.districtId, this.entityType, ''));
    let hasChanged = false;
    for (const [partition, next] of this.#next) {
      const { start, end } = await reader.ends(topic, partition);
      for await (const messages of reader.read(topic, partition, next > start ? next : start, end))
        hasChanged ||= messages.some(({ key }) => key?.subarray(0, prefix.length).equals(prefix) === true);
      this.#next.set(partition, end);
    }
    return hasChanged;
  }
}
