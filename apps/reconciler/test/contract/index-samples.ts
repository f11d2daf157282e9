/* Positions, districts and records for the contract of the roster index. */
import { expect } from '@jest/globals';
import { ENTITY_TYPES, NO_SCHOOL, watermarkTerm, XorSum, type EntityType } from '#contracts';
import type {
  DistrictWrites,
  IndexEntry,
  MarkCounts,
  Phase,
  Position,
  SnapshotState,
  StaleRecord,
} from '../../src/reconciliation/index-state.js';
import type { RosterIndex } from '../../src/reconciliation/ports.js';

export type Open = () => Promise<RosterIndex>;

export const P = 3;
export const D = 'district.one';
export const START: Position = {
  epoch: 7,
  mode: 'follow',
  next: 9_007_199_254_740_993n,
  applyNext: '',
  fencedAt: 9_007_199_254_740_992n,
  fencedBy: 'author.1',
};
export const NEXT: Position = { ...START, next: START.next + 1n };
export const OTHERS: readonly [string, Position][] = [
  ['epoch', { ...START, epoch: 8 }],
  ['mode', { ...START, mode: 'sweep' }],
  ['next', { ...START, next: START.next - 1n }],
  ['applyNext', { ...START, applyNext: 'users' }],
];
/** As many of each type as there may be. */
export const ANY = Object.fromEntries(ENTITY_TYPES.map((type) => [type, Number.MAX_SAFE_INTEGER]));
export const ODD_IDS = [
  'a b',
  ' ',
  '',
  'ß-日本-🏫',
  'a:b:{c}',
  'line\nbreak',
  'nul\0byte',
  '%s\\0',
  '"quoted"',
  '34',
];

export async function opened(open: Open): Promise<RosterIndex> {
  const index = await open();
  expect(await index.install(P, START, [])).toBe(true);
  return index;
}

/** Snapshot 4, planned and sweeping: of each type `kept` is seen, `gone` is not, `left ß` is withdrawn. */
export async function sweeping(index: RosterIndex, types: readonly EntityType[]): Promise<Position> {
  const ids = ['kept', 'gone', 'left ß'];
  const position: Position = { ...START, mode: 'sweep', applyNext: 'users' };
  const filled: DistrictWrites = {
    districtId: D,
    snapshot: snapshot(4, 'planned'),
    marks: {
      generation: 4,
      types: types.map((entityType) => ({ entityType, seen: ['kept'], withdrawn: ['left ß'] })),
    },
    entries: types.flatMap((entityType) => entriesOf(entityType, ids).entries),
    digests: Object.fromEntries(types.map((type) => [type, digestOf(ids)])),
  };
  expect(await index.write(P, START, START, [filled])).toBe(true);
  const startSweep = { generation: 4, phase: 'planned' as const, refresh: [], atMost: ANY };
  expect(await index.write(P, START, position, [{ districtId: D, startSweep }])).toBe(true);
  return position;
}

export const NO_MARKS: MarkCounts = { seen: 0, withdrawn: 0 };

export async function allUnseen(
  index: RosterIndex,
  generation: number,
  marked: MarkCounts,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const chunk of index.unseen(P, 7, group('users', [], generation), marked)) {
    ids.push(...chunk.map(({ gg4lId }) => gg4lId));
  }
  return ids.sort();
}

export function byId(records: readonly StaleRecord[]): StaleRecord[] {
  return [...records].sort((a, b) => (a.gg4lId < b.gg4lId ? -1 : 1));
}

export function group(entityType: EntityType, gg4lIds: readonly string[], generation = 4) {
  return { districtId: D, entityType, generation, gg4lIds };
}

/** Entries are of several lengths: what is known of attributes is more of one record and nothing of another. */
export function entryOf(gg4lId: string): IndexEntry {
  const term = watermarkTerm(gg4lId, NO_SCHOOL);
  const of = { fingerprint: Buffer.concat([term, term]), generation: 3, schoolHash: term };
  return { ...of, status: 'active', digests: term.subarray(0, gg4lId.length % 9), archivedAtMs: 0 };
}

export function archivedOf(gg4lId: string): IndexEntry {
  return { ...entryOf(gg4lId), status: 'archived', generation: 4, archivedAtMs: 1_722_492_000_123 };
}

export function entriesOf(entityType: EntityType, ids: readonly string[]) {
  return { entries: [{ entityType, entries: ids.map((gg4lId) => ({ gg4lId, entry: entryOf(gg4lId) })) }] };
}

export function termOf(gg4lId: string): Buffer {
  return watermarkTerm(gg4lId, entryOf(gg4lId).fingerprint);
}

export function digestOf(ids: readonly string[]) {
  const sum = new XorSum();
  for (const id of ids) sum.add(termOf(id));
  return { active: sum.count, xor: sum.hex };
}

export function chunkOf(ids: readonly string[], entityType: EntityType = 'users') {
  const records = ids.map((gg4lId) => ({ gg4lId, entry: archivedOf(gg4lId), term: termOf(gg4lId) }));
  return { districtId: D, entityType, generation: 4, records };
}

export function snapshot(generation: number, phase: Phase): SnapshotState {
  return { generation, phase, openedAt: '2024-08-01T06:00:00.000Z', refresh: ['users'], types: {} };
}

/** A long list of entries as one text: comparing them one by one takes seconds. */
export function textOf(entries: readonly (IndexEntry | null | undefined)[]): string {
  const text = (entry: IndexEntry | null | undefined): string =>
    entry == null
      ? 'none'
      : [entry.fingerprint, entry.schoolHash, entry.digests]
          .map((bytes) => bytes.toString('hex'))
          .concat(entry.status, String(entry.generation), String(entry.archivedAtMs))
          .join(' ');
  return entries.map(text).join('\n');
}
