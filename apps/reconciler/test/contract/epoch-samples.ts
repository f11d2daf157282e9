/* An epoch being loaded, for the contract of the roster index. */
import type { IndexEntry, LoadedType, Position } from '../../src/reconciliation/index-state.js';
import type { RosterIndex } from '../../src/reconciliation/ports.js';
import { archivedOf, D, digestOf, entryOf, group, NO_MARKS, P, START } from './index-samples.js';

export const FRESH = START.epoch + 1;
export const AT_FRESH: Position = {
  ...START,
  epoch: FRESH,
  next: 77n,
  fencedAt: 76n,
  fencedBy: 'rebuilder ß.1',
};
export const LOADED: LoadedType = {
  districtId: D,
  entityType: 'users',
  ids: 3,
  digest: digestOf(['a', 'b']),
};

export async function load(
  index: RosterIndex,
  ids: readonly string[],
  { epoch = FRESH, first = true, entry = entryOf, districtId = D, active = ids } = {},
): Promise<void> {
  const entries = ids.map((gg4lId) => ({ gg4lId, entry: entry(gg4lId) }));
  await index.load(P, epoch, districtId, 'users', entries, { first, digest: digestOf(active) });
}

/** Two active ids and an archived one. */
export async function loaded(index: RosterIndex): Promise<void> {
  await load(index, ['a', 'b']);
  await load(index, ['z'], { first: false, entry: archivedOf, active: ['a', 'b'] });
}

export async function entriesAt(
  index: RosterIndex,
  ids: readonly string[],
): Promise<readonly (IndexEntry | null)[]> {
  const { groups } = await index.read(P, [], [group('users', ids)]);
  return groups[0]?.entries ?? [];
}

export async function activeIds(index: RosterIndex, epoch: number, marked = NO_MARKS): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of index.unseen(P, epoch, group('users', []), marked)) {
    ids.push(...chunk.map(({ gg4lId }) => gg4lId));
  }
  return ids.sort();
}
