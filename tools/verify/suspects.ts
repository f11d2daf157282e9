/* Records that seem to differ, until they are looked at again. */
import type { Copy } from './differences.js';
import type { TopicFold } from './topic-fold.js';

export interface Suspect {
  readonly copy: Copy;
  readonly fold: TopicFold;
  readonly districtId: string;
  readonly gg4lId: string;
}

/** Asked for in one call. */
const AT_ONCE = 500;

/** Some at a time, each time of one copy, partition and district. */
export function* inPlaces(suspects: readonly Suspect[]): Generator<readonly Suspect[]> {
  const places = new Map<string, Suspect[]>();
  for (const suspect of suspects) {
    const place = `${suspect.copy}/${suspect.fold.partition}/${suspect.districtId}`;
    const there = places.get(place);
    if (there === undefined) places.set(place, [suspect]);
    else there.push(suspect);
  }
  for (const there of places.values())
    for (let at = 0; at < there.length; at += AT_ONCE) yield there.slice(at, at + AT_ONCE);
}
