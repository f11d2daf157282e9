import { ENTITY_TYPES, type EntityType } from '#contracts';
import { mix } from '../roster/hash.js';
import type { PlainRecord } from '../roster/plain-record.js';
import type { Edit, PercentChange } from './sharing-state.js';

/** The attribute that a change by percent gives another value, different for every revision. */
const REVISED: Readonly<Record<EntityType, string>> = {
  orgs: 'identifier',
  academicSessions: 'title',
  courses: 'courseCode',
  classes: 'location',
  users: 'phone',
  demographics: 'publicSchoolResidenceStatus',
  enrollments: 'beginDate',
};

/** The record as the last change that fell on its index left it. */
export function revise(
  type: EntityType,
  index: number,
  record: PlainRecord,
  changes: readonly PercentChange[],
): PlainRecord {
  for (let revision = changes.length; revision > 0; revision -= 1) {
    const change = changes[revision - 1];
    if (change?.types.includes(type) && isDrawn(type, index, revision, change.percent)) {
      return { ...record, [REVISED[type]]: valueOf(type, index, revision), dateLastModified: change.at };
    }
  }
  return record;
}

/** Whether the change with this number falls on the record. */
function isDrawn(type: EntityType, index: number, revision: number, percent: number): boolean {
  return mix(revision * 64 + ENTITY_TYPES.indexOf(type), index) % 10_000 < percent * 100;
}

function valueOf(type: EntityType, index: number, revision: number): string {
  switch (type) {
    case 'users':
      return `+1-556-${String(revision).padStart(3, '0')}-${String(index % 10_000).padStart(4, '0')}`;
    case 'enrollments':
      return new Date(Date.UTC(2026, 8, 1) + revision * 86_400_000).toISOString().slice(0, 10);
    case 'orgs':
    case 'academicSessions':
    case 'courses':
    case 'classes':
    case 'demographics':
      return `Revision ${revision} of ${index}`;
  }
}

/** The record with its edit on top. */
export function layOver(record: PlainRecord, edit: Edit): PlainRecord {
  const laid = Object.entries({ ...record, ...edit.attributes }).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(laid),
    sourcedId: record.sourcedId,
    status: edit.withdrawn ? 'tobedeleted' : record.status,
    dateLastModified: edit.modifiedAt,
  };
}
