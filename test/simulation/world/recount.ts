/* At any moment: the digest the index has kept step by step is what a recount of its active records gives. */
import { watermarkTerm, XorSum } from '#contracts';
import type { IndexEntry } from '../../../apps/reconciler/src/reconciliation/index-state.js';
import { FILLED_TYPES, idsOf } from './source.js';
import type { World } from './world.js';
import { Violation } from './witness.js';

export async function recount({ districts, indexes }: World): Promise<void> {
  const districtIds = [...districts.keys()];
  const groups = districtIds.flatMap((districtId) =>
    FILLED_TYPES.map((entityType) => ({ districtId, entityType, generation: 0, gg4lIds: idsOf(entityType) })),
  );
  for (const [partition, index] of indexes.entries()) {
    const view = await index.read(partition, districtIds, groups);
    if (view.position === null) continue;
    groups.forEach(({ districtId, entityType, gg4lIds }, at) => {
      const digest = view.districts.get(districtId)?.digests[entityType];
      const { count, hex } = sumOf(gg4lIds, view.groups[at]?.entries ?? []);
      if ((digest?.active ?? 0) === count && (digest?.xor ?? '0000000000000000') === hex) return;
      const said = `${digest?.active ?? 0} with ${digest?.xor ?? 'nothing'}`;
      throw new Violation(
        `the digest of ${entityType} of ${districtId} in partition ${partition} says ${said}, a recount ${count} with ${hex}`,
      );
    });
  }
}

function sumOf(gg4lIds: readonly string[], entries: readonly (IndexEntry | null)[]): XorSum {
  const sum = new XorSum();
  entries.forEach((entry, at) => {
    if (entry?.status === 'active') sum.add(watermarkTerm(gg4lIds[at] ?? '', entry.fingerprint));
  });
  return sum;
}
