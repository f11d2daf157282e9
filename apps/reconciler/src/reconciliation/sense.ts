/*
 * What the index answers is checked before anything is decided from it: an unknown mode, a count that is no number or
 * an offset that is none stops the partition. Nothing is guessed, because a wrong guess archives somebody.
 */
import { isEntityType } from '#contracts';
import type { DistrictView, IdGroup, IndexView, Position, SnapshotState, TypeTally } from './index-state.js';
import { NonsenseError } from './partition-stopped.errors.js';
import type { RosterIndex } from './ports.js';

const MODES: readonly string[] = ['follow', 'apply', 'sweep', 'close'];
const PHASES: readonly string[] = ['reading', 'planned', 'failed', 'applied', 'swept', 'aborted'];
const OFFSET = /^\d+$/;
const HASH = /^[0-9a-f]{16}$/;
const COUNTS = [
  'seen',
  'withdrawn',
  'quarantined',
  'unchanged',
  'refreshed',
  'created',
  'updated',
  'restored',
  'appliedCreated',
  'appliedUpdated',
  'appliedRestored',
] as const satisfies readonly (keyof TypeTally)[];
const XORS = [
  'idsXor',
  'createdXor',
  'updatedXor',
  'restoredXor',
] as const satisfies readonly (keyof TypeTally)[];

/** Views are never changed once made, so each is checked once. */
const sensible = new WeakSet<DistrictView>();

/** Reads the index and checks the answer; throws NonsenseError. */
export async function readIndex(
  index: RosterIndex,
  partition: number,
  districtIds: readonly string[],
  groups: readonly IdGroup[],
): Promise<IndexView> {
  const view = await index.read(partition, districtIds, groups);
  requireSense(view, groups);
  return view;
}

function requireSense(view: IndexView, groups: readonly IdGroup[]): void {
  const { position } = view;
  if (position === null) return;
  require(isSensiblePosition(position), 'the position in the index cannot be');
  for (const district of view.districts.values()) {
    if (sensible.has(district)) continue;
    requireSensibleDistrict(district);
    sensible.add(district);
  }
  groups.forEach(({ gg4lIds }, at) => {
    const { entries, marked } = view.groups[at] ?? { entries: [], marked: [] };
    const isWhole = entries.length === gg4lIds.length && marked.length === gg4lIds.length;
    require(isWhole, 'the index answered for other ids than were asked');
  });
}

function isSensiblePosition({ epoch, mode, next, applyNext, fencedAt }: Position): boolean {
  if (!isCount(epoch) || epoch === 0 || next < 0n || fencedAt < 0n || !MODES.includes(mode)) return false;
  if (mode === 'apply') return OFFSET.test(applyNext);
  return mode === 'sweep' ? isEntityType(applyNext) : applyNext === '';
}

function requireSensibleDistrict({ snapshot, digests, archived }: DistrictView): void {
  if (snapshot !== null) requireSensibleSnapshot(snapshot);
  for (const { active, xor } of Object.values(digests)) {
    require(isCount(active) && HASH.test(xor), 'a digest in the index cannot be');
  }
  require(Object.values(archived).every(isCount), 'a count of archived records is no number');
}

function requireSensibleSnapshot({ generation, phase, refresh, types }: SnapshotState): void {
  require(isCount(generation) && generation > 0, 'a generation in the index is no number');
  require(PHASES.includes(phase), 'a snapshot in the index is in an unknown phase');
  require(Array.isArray(refresh) && refresh.every(isEntityType), 'an unknown type is to be refreshed');
  for (const [entityType, tally] of Object.entries(types)) {
    require(isEntityType(entityType), 'the index counts an unknown type');
    require(COUNTS.every((name) => isCount(tally[name])), `a count of ${entityType} is no number`);
    require(XORS.every((name) => HASH.test(tally[name])), `a sum of ${entityType} is none`);
    require(isRange(tally), `the changed range of ${entityType} is none`);
  }
}

function isRange({ firstChanged, lastChanged }: Readonly<TypeTally>): boolean {
  if (firstChanged === '') return lastChanged === '';
  return OFFSET.test(firstChanged) && OFFSET.test(lastChanged) && BigInt(firstChanged) <= BigInt(lastChanged);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function require(holds: boolean, otherwise: string): void {
  if (!holds) throw new NonsenseError(otherwise);
}
