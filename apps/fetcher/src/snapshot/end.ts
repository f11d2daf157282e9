import { ENTITY_TYPES, XorSum, type EntityType, type RunKey } from '#contracts';
import type { Placed, RawLog } from '../ports.js';

/** Per partition and type, the distinct ids sent there: what END says and the reconciler checks its marks against. */
export class SentIds {
  private readonly sums: readonly Readonly<Record<EntityType, XorSum>>[];

  constructor(partitions: number) {
    this.sums = Array.from({ length: partitions }, () => {
      const byType = ENTITY_TYPES.map((type) => [type, new XorSum()] as const);
      return Object.fromEntries(byType) as Record<EntityType, XorSum>;
    });
  }

  add(partition: number, type: EntityType, hash: Buffer): void {
    this.sums[partition]?.[type].add(hash);
  }

  /** END for each partition, with all seven types; 0 where nothing was sent. */
  markers({ districtId, generation }: RunKey): readonly Placed[] {
    return this.sums.map((byType, partition) => {
      const tallies = ENTITY_TYPES.map(
        (type) => [type, { count: byType[type].count, xor: byType[type].hex }] as const,
      );
      return {
        partition,
        message: { kind: 'end', districtId, generation, types: Object.fromEntries(tallies) },
      };
    });
  }
}

/** To be called only when every record is acknowledged and the lease is confirmed. */
export async function end(run: RunKey, log: RawLog, sent: SentIds): Promise<void> {
  await log.append(sent.markers(run));
}
