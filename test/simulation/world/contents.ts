/* What the index holds of a district and type, read through its port. */
import type { EntityType } from '#contracts';
import type { Digest } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import type { RosterIndex } from '../../../apps/reconciler/src/reconciliation/ports.js';
import { idsOf } from './source.js';

interface Indexed {
  readonly isActive: boolean;
  readonly fingerprint: string;
  readonly generation: number;
}

export interface IndexContents {
  readonly entries: ReadonlyMap<string, Indexed>;
  /** By partition. */
  readonly digests: readonly (Digest | undefined)[];
}

export async function contentsOf(
  indexes: readonly RosterIndex[],
  districtId: string,
  entityType: EntityType,
): Promise<IndexContents> {
  const gg4lIds = idsOf(entityType);
  const entries = new Map<string, Indexed>();
  const digests: (Digest | undefined)[] = [];
  for (const [partition, index] of indexes.entries()) {
    const group = { districtId, entityType, generation: 0, gg4lIds };
    const view = await index.read(partition, [districtId], [group]);
    digests.push(view.districts.get(districtId)?.digests[entityType]);
    view.groups[0]?.entries.forEach((entry, at) => {
      if (entry === null) return;
      const { status, generation, fingerprint } = entry;
      const isActive = status === 'active';
      entries.set(gg4lIds[at] ?? '', { isActive, generation, fingerprint: fingerprint.toString('hex') });
    });
  }
  return { entries, digests };
}
