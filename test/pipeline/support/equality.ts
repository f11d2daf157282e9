/*
 * Postgres equals the sandbox: per type the rows that are not archived are what is shared, attribute by attribute, and
 * the archived ones are what was shared and is not now. Nothing here comes from the code that reads the source.
 */
import { isDeepStrictEqual } from 'node:util';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { toSnakeCase, type RosterRow, type RosterRows } from './roster-rows.js';
import type { PlainRecord, SandboxClient } from './sandbox.client.js';

const NOT_CANONICAL = new Set(['sourcedId', 'status', 'dateLastModified']);
const ABOUT_THE_ROW = new Set([
  'district_id',
  'gg4l_id',
  'date_last_modified',
  'generation',
  'epoch',
  'partition',
  'log_offset',
  'fingerprint',
  'archived_at',
  'archive_cause',
  'first_seen_at',
  'changed_at',
]);

export interface Copy {
  readonly active: Readonly<Record<string, object>>;
  readonly archived: readonly string[];
}

export type Copies = Partial<Record<EntityType, Copy>>;

export async function truthOf(sandbox: SandboxClient, districtId: string): Promise<Copies> {
  const copies: Copies = {};
  for (const type of ENTITY_TYPES) {
    const shared = await sandbox.shared(districtId, type);
    const notShared = await sandbox.notShared(districtId, type);
    copies[type] = {
      active: Object.fromEntries(shared.map((record) => [record.sourcedId, columnsOf(record)])),
      archived: notShared.map(({ sourcedId }) => sourcedId).sort(),
    };
  }
  return copies;
}

export async function copyOf(rows: RosterRows, districtId: string): Promise<Copies> {
  const copies: Copies = {};
  for (const type of ENTITY_TYPES) {
    const all = await rows.of(districtId, type);
    const active = all.filter(({ archived_at }) => archived_at === null);
    const archived = all.filter(({ archived_at }) => archived_at !== null);
    copies[type] = {
      active: Object.fromEntries(active.map((row) => [row.gg4l_id, attributesOf(row)])),
      archived: archived.map(({ gg4l_id }) => gg4l_id).sort(),
    };
  }
  return copies;
}

const SHOWN = 5;

/** In which records the copy is not the truth: a line for each type and sort of difference, none where they are equal. */
export function differences(truth: Copies, copy: Copies): readonly string[] {
  return ENTITY_TYPES.flatMap((type) => {
    const [shared, kept] = [truth[type]?.active ?? {}, copy[type]?.active ?? {}];
    const [gone, archived] = [new Set(truth[type]?.archived), new Set(copy[type]?.archived)];
    const isOther = (id: string): boolean => id in kept && !isDeepStrictEqual(kept[id], shared[id]);
    const found: Readonly<Record<string, readonly string[]>> = {
      'shared, but not active': Object.keys(shared).filter((id) => !(id in kept)),
      'active, but not shared': Object.keys(kept).filter((id) => !(id in shared)),
      'with other attributes': Object.keys(shared).filter(isOther),
      'not shared any more, but not archived': [...gone].filter((id) => !archived.has(id)),
      'archived, but shared or never there': [...archived].filter((id) => !gone.has(id)),
    };
    return Object.entries(found).flatMap(([what, ids]) =>
      ids.length === 0 ? [] : [`${type}: ${ids.length} ${what}: ${ids.slice(0, SHOWN).join(', ')}`],
    );
  });
}

function columnsOf(record: PlainRecord): object {
  const attributes = Object.entries(record).filter(([name]) => !NOT_CANONICAL.has(name));
  return Object.fromEntries(attributes.map(([name, value]) => [toSnakeCase(name), sorted(value)]));
}

function attributesOf(row: RosterRow): object {
  const columns = Object.entries(row).filter(([name, value]) => !ABOUT_THE_ROW.has(name) && value !== null);
  return Object.fromEntries(columns.map(([name, value]) => [name, sorted(value)]));
}

function sorted(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value
    .map((one: unknown) => [JSON.stringify(one), one] as const)
    .sort(byText)
    .map(([, one]) => one);
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
