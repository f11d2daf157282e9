/*
 * Sums that the index keeps of what it holds. A sum that differs while a run is applied may only be ahead of what was
 * read of the topic, or behind it, so the topic is read on and the sum is looked at again. It is wrong where neither
 * has moved between two looks; one that moves all the while is not judged.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { watermarkTerm, XorSum } from '#contracts';
import type { Difference } from './differences.js';
import type { Stores } from './stores.js';
import type { TopicFold } from './topic-fold.js';

/** A district in a partition. */
export interface Place {
  readonly fold: TopicFold;
  readonly districtId: string;
}

export interface Digests {
  readonly wrong: readonly Difference[];
  /** Places that were changed whenever they were looked at. */
  readonly moving: readonly Place[];
}

interface Differing extends Place {
  /** What was compared, and of which epoch. */
  readonly sums: string;
}

export async function compareDigests(
  stores: Pick<Stores, 'index' | 'foldOn'>,
  places: readonly Place[],
  { looks, everyMs }: { readonly looks: number; readonly everyMs: number },
): Promise<Digests> {
  const wrong: Difference[] = [];
  let left = await differing(stores, places);
  for (let look = 1; look < looks && left.length > 0; look += 1) {
    await pause(everyMs);
    for (const fold of new Set(left.map((place) => place.fold))) await stores.foldOn(fold);
    const before = new Map(left.map((place) => [nameOf(place), place.sums]));
    const now = await differing(stores, left);
    left = now.filter((place) => place.sums !== before.get(nameOf(place)));
    wrong.push(...now.filter((place) => !left.includes(place)).map(toDifference));
  }
  return { wrong, moving: left };
}

async function differing(
  { index }: Pick<Stores, 'index'>,
  places: readonly Place[],
): Promise<readonly Differing[]> {
  const found: Differing[] = [];
  for (const { fold, districtId } of places) {
    const { partition, entityType } = fold;
    const epoch = await index.epoch(partition);
    if (epoch === null) continue;
    const sum = new XorSum();
    for (const gg4lId of fold.idsOf(districtId)) {
      const told = fold.told(districtId, gg4lId);
      if (told?.active) sum.add(watermarkTerm(gg4lId, Buffer.from(told.fingerprint, 'hex')));
    }
    const { active, xor } = await index.digest({ partition, epoch, districtId, entityType });
    if (active === sum.count && xor === sum.hex) continue;
    found.push({ fold, districtId, sums: [epoch, active, xor, sum.count, sum.hex].join('/') });
  }
  return found;
}

function nameOf({ fold, districtId }: Place): string {
  return `${fold.partition}/${districtId}`;
}

function toDifference({ fold: { entityType, partition }, districtId }: Place): Difference {
  return { copy: 'index', entityType, partition, districtId, gg4lId: '', what: 'digest' };
}
