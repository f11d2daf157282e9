import type { EntityType } from '#contracts';
import type { District } from '../sharing/district.js';

const UNUSABLE = ['null', '"not an object"', '[]'];
const UNUSABLE_IDS = [undefined, '', null, {}];

/**
 * Up to `count` rows from the second on lose their id, each in another way. The first row stays: it is also the last
 * of the page before when pages overlap.
 */
export function spoilIds(rows: readonly string[], count: number): readonly string[] {
  return rows.map((row, at) => (at >= 1 && at <= count ? spoilt(row, at - 1) : row));
}

function spoilt(row: string, way: number): string {
  const ways = UNUSABLE.length + UNUSABLE_IDS.length;
  const unusable = UNUSABLE[(way % ways) - UNUSABLE_IDS.length];
  if (unusable !== undefined) return unusable;
  return JSON.stringify({ ...(JSON.parse(row) as object), sourcedId: UNUSABLE_IDS[way % ways] });
}

/** The third row becomes the second one's id again, with other content: one record repeated, one missing. */
export function repeatId(rows: readonly string[]): readonly string[] {
  const [, second] = rows;
  if (second === undefined) return rows;
  const other = JSON.stringify({ ...(JSON.parse(second) as object), metadata: { 'gg4l.repeat': 'true' } });
  return rows.map((row, at) => (at === 2 ? other : row));
}

/** Without the `count` rows behind the first. */
export function omitRows(rows: readonly string[], count: number): readonly string[] {
  return rows.filter((_, at) => at < 1 || at > count);
}

const HUGE_CHARACTERS = 10 * 1024 * 1024;

/** `count` rows from the second on get an attribute of ten megabytes. */
export function swellRows(rows: readonly string[], count: number): readonly string[] {
  const huge = `{"huge":"${'x'.repeat(HUGE_CHARACTERS)}",`;
  return rows.map((row, at) => (at >= 1 && at <= count ? huge + row.slice(1) : row));
}

/** Removes the first shared record once the cursor is past it: every later row moves up by one. */
export function removeFirst(district: District, type: EntityType, offset: number): void {
  const [first] = district.view.slice({ type }, 0, 1);
  if (offset === 0 || !first) return;
  district.edit([{ verb: 'remove', type, sourcedId: first.sourcedId }], false);
}

/** Adds a record in front of all others once the cursor is past its place: every later row moves down by one. */
export function addBeforeFirst(district: District, type: EntityType, offset: number): void {
  const [first] = district.view.slice({ type }, 0, 1);
  if (offset === 0 || !first) return;
  const attributes = Object.entries(first).filter(
    ([name, value]) => name !== 'status' && name !== 'dateLastModified' && value !== undefined,
  );
  const record = { ...Object.fromEntries(attributes), sourcedId: `!${first.sourcedId}` };
  district.edit([{ verb: 'add', type, record }], false);
}
