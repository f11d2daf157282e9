import type { EntityType } from '#contracts';
import type { PlainRecord } from '../roster/plain-record.js';

/** Whether the record is one of the schools, or belongs to nothing else. Demographics are asked by their user. */
export function hangsOnSchools(
  type: Exclude<EntityType, 'demographics'>,
  record: PlainRecord,
  schools: ReadonlySet<string>,
): boolean {
  if (schools.size === 0) return false;
  const isGone = (id: unknown): boolean => typeof id === 'string' && schools.has(id);
  switch (type) {
    case 'orgs':
      return isGone(record.sourcedId);
    case 'academicSessions':
      return false;
    case 'courses':
      return isGone(record.org);
    case 'classes':
    case 'enrollments':
      return isGone(record.school);
    case 'users':
      return Array.isArray(record.orgs) && record.orgs.length > 0 && record.orgs.every(isGone);
  }
}
