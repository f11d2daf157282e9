import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRecord, type Warning } from './index.js';

const ref = (sourcedId: string) => ({ sourcedId });
const every = { sourcedId: 'a', status: 'active', dateLastModified: '2026-08-01T00:00:00Z' };

/** A record of each type with what OneRoster requires, and nothing else. */
const WHOLE: Readonly<Record<EntityType, object>> = {
  orgs: { ...every, name: 'North', type: 'school' },
  academicSessions: {
    ...{ ...every, title: 'Fall', type: 'term', schoolYear: '2027' },
    ...{ startDate: '2026-08-01', endDate: '2026-12-20' },
  },
  courses: { ...every, title: 'Algebra', courseCode: 'A1' },
  classes: { ...every, title: 'Algebra 1', course: ref('c'), school: ref('s'), terms: [ref('t')] },
  users: {
    ...{ ...every, username: 'ada', givenName: 'Ada', familyName: 'King', role: 'student' },
    ...{ orgs: [ref('s')], enabledUser: 'true' },
  },
  demographics: every,
  enrollments: { ...every, user: ref('u'), class: ref('c'), school: ref('s'), role: 'student' },
};

function warningsOf(type: EntityType, raw: object): readonly Warning[] {
  const reading = readRecord(type, raw);
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  return reading.warnings;
}

const REQUIRED = (Object.entries(WHOLE) as [EntityType, object][]).flatMap(([type, whole]) =>
  Object.keys(whole).flatMap((name) => (name === 'sourcedId' ? [] : [[type, name] as const])),
);

describe('what the standard requires', () => {
  it.each(Object.entries(WHOLE) as [EntityType, object][])('of %s is nothing but this', (type, whole) => {
    expect(warningsOf(type, whole)).toEqual([]);
  });

  it.each(REQUIRED)('%s without %s go through, with a warning', (type, name) => {
    const rest = Object.fromEntries(Object.entries(WHOLE[type]).filter(([key]) => key !== name));
    expect(warningsOf(type, rest)).toEqual([{ attribute: name, reason: 'missing' }]);
  });

  it.each(REQUIRED.filter(([, name]) => name !== 'courseCode'))(
    '%s whose %s is empty go through, with a warning',
    (type, name) => {
      for (const empty of [null, '']) {
        expect(warningsOf(type, { ...WHOLE[type], [name]: empty })).toEqual([
          { attribute: name, reason: 'empty' },
        ]);
      }
    },
  );

  it('courseCode may be empty', () => {
    expect(warningsOf('courses', { ...WHOLE.courses, courseCode: '' })).toEqual([]);
  });

  it('role and orgs of OneRoster 1.2 are those of roles', () => {
    const roles = [{ roleType: 'primary', role: 'student', org: ref('s') }];
    expect(warningsOf('users', { ...WHOLE.users, role: undefined, orgs: undefined, roles })).toEqual([]);
  });

  it('a value that is kept under extensions is warned of once', () => {
    expect(warningsOf('users', { ...WHOLE.users, enabledUser: 'perhaps' })).toEqual([
      { attribute: 'enabledUser', reason: 'not a boolean' },
    ]);
  });

  it('is not asked of a withdrawn record', () => {
    expect(warningsOf('users', { sourcedId: 'a', status: 'tobedeleted' })).toEqual([]);
  });
});
