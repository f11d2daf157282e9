import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { readRecord } from './index.js';

/** Of what the standard requires: specified in required-attributes.spec.ts. */
const ABSENCES = ['missing', 'empty', 'masked'];

/** The canonical record of an object with these attributes, and what was warned of. */
function read(type: EntityType, attributes: object) {
  const reading = readRecord(type, { sourcedId: 'a', ...attributes });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  const canonical = JSON.parse(reading.canonical.toString()) as Record<string, unknown>;
  expect(canonical.sourcedId).toBe('a');
  delete canonical.sourcedId;
  return { canonical, warnings: reading.warnings.filter(({ reason }) => !ABSENCES.includes(reason)) };
}

const canonical = (type: EntityType, attributes: object) => read(type, attributes).canonical;

describe('booleans', () => {
  it.each([['true'], [true], ['t'], ['T'], [1], ['1'], ['TRUE'], [' yes ']])('%j is true', (value) => {
    expect(canonical('users', { enabledUser: value })).toEqual({ enabledUser: true });
  });

  it.each([['false'], [false], ['f'], [0], ['0'], ['No']])('%j is false', (value) => {
    expect(canonical('users', { enabledUser: value })).toEqual({ enabledUser: false });
  });

  it.each([[null], [''], [' '], [[]], [{}]])('%j is unknown, and unknown is left out', (value) => {
    expect(read('users', { enabledUser: value })).toEqual({ canonical: {}, warnings: [] });
  });

  it('what is no boolean is kept under extensions, with a warning', () => {
    expect(read('users', { enabledUser: 'perhaps' })).toEqual({
      canonical: { extensions: { enabledUser: 'perhaps' } },
      warnings: [{ attribute: 'enabledUser', reason: 'not a boolean' }],
    });
  });
});

describe('no value', () => {
  it.each([[undefined], [null], [''], [[]], [{}], [[null]], [['']]])(
    '%j means no value, in any kind',
    (value) => {
      const attributes = {
        title: value,
        grades: value,
        periods: value,
        terms: value,
        school: value,
        unknown: value,
        metadata: { key: value },
      };
      expect(read('classes', attributes)).toEqual({ canonical: {}, warnings: [] });
      expect(canonical('users', { userIds: value, enabledUser: value })).toEqual({});
      expect(canonical('enrollments', { beginDate: value })).toEqual({});
    },
  );

  it('a text of nothing but U+0000 is no value', () => {
    expect(canonical('users', { givenName: '\0', grades: ['\0'], unknown: '\0' })).toEqual({});
  });

  it('false and 0 are values', () => {
    expect(canonical('users', { enabledUser: false, identifier: 0, own: 0, other: false })).toEqual({
      enabledUser: false,
      identifier: '0',
      extensions: { own: 0, other: false },
    });
  });
});

describe('grades', () => {
  it.each([
    ['an array', ['10', '09'], ['09', '10']],
    ['a string', '09', ['09']],
    ['a string with commas', '10, 09', ['09', '10']],
    ['an array holding a string with commas', ['10,09', '09'], ['09', '10']],
    ['a number', 9, ['9']],
    ['an array of numbers', [10, 9], ['10', '9']],
    ['an array with null and ""', [null, 'KG', ''], ['KG']],
  ])('%s', (_name, grades, expected) => {
    expect(canonical('users', { grades })).toEqual({ grades: expected });
  });

  it('null is no grade', () => {
    expect(canonical('users', { grades: null })).toEqual({});
  });
});

describe('lists of texts', () => {
  it('periods are an array or a string', () => {
    expect(canonical('classes', { periods: ['2', '1'] })).toEqual({ periods: ['1', '2'] });
    expect(canonical('classes', { periods: '2,1' })).toEqual({ periods: ['1', '2'] });
  });

  it('a comma belongs to a subject and separates subject codes', () => {
    expect(canonical('courses', { subjects: 'Reading, Writing', subjectCodes: '2,1' })).toEqual({
      subjects: ['Reading, Writing'],
      subjectCodes: ['1', '2'],
    });
  });
});

describe('dates', () => {
  it.each([
    ['date only', '2026-08-31'],
    ['with time', '2026-08-31T00:00:00'],
    ['with zone, without millis', '2026-08-31T23:00:00Z'],
    ['with millis and zone', '2026-08-31T00:00:00.000Z'],
    ['with an offset', '2026-08-31T00:00:00.000-05:00'],
    ['with an offset without colon', '2026-08-31 00:00:00.000+0000'],
    ['with spaces around', ' 2026-08-31 '],
  ])('%s: the day as written', (_name, beginDate) => {
    expect(read('enrollments', { beginDate })).toEqual({
      canonical: { beginDate: '2026-08-31' },
      warnings: [],
    });
  });

  it.each([['2026-02-29'], ['2026-13-01'], ['0000-00-00'], ['08/31/2026'], ['soon'], [20260831], [true]])(
    '%j is no date: kept under extensions, with a warning',
    (beginDate) => {
      expect(read('enrollments', { beginDate })).toEqual({
        canonical: { extensions: { beginDate } },
        warnings: [{ attribute: 'beginDate', reason: 'not a date' }],
      });
    },
  );

  it('the 29th of February is a date in leap years only', () => {
    expect(canonical('enrollments', { beginDate: '2028-02-29' })).toEqual({ beginDate: '2028-02-29' });
    expect(canonical('enrollments', { beginDate: '1900-02-29' })).toEqual({
      extensions: { beginDate: '1900-02-29' },
    });
  });
});

describe('school years', () => {
  it.each([['2027'], [2027], ['2026-2027'], ['2026-27'], ['2026/2027'], [' 2027 ']])(
    '%j is 2027',
    (schoolYear) => {
      expect(read('academicSessions', { schoolYear })).toEqual({
        canonical: { schoolYear: '2027' },
        warnings: [],
      });
    },
  );

  it.each([['FY27'], ['2026-2030'], [27]])('%j is no school year: kept under extensions', (schoolYear) => {
    expect(read('academicSessions', { schoolYear })).toEqual({
      canonical: { extensions: { schoolYear } },
      warnings: [{ attribute: 'schoolYear', reason: 'not a school year' }],
    });
  });

  it("a course's school year is a reference", () => {
    const schoolYear = { href: 'https://host/academicSessions/y1', sourcedId: 'y1', type: 'academicSession' };
    expect(canonical('courses', { schoolYear })).toEqual({ schoolYear: 'y1' });
  });
});

describe('references', () => {
  it.each([
    ['an object', { href: 'https://host/orgs/s1', sourcedId: 's1', type: 'org' }],
    ['a bare id', 's1'],
    ['a list of one', [{ sourcedId: 's1' }]],
  ])('%s is reduced to its id', (_name, school) => {
    expect(canonical('classes', { school })).toEqual({ school: 's1' });
  });

  it('a sourcedId that is a safe integer is its decimals', () => {
    expect(canonical('classes', { school: { sourcedId: 7 }, terms: [{ sourcedId: 12 }] })).toEqual({
      school: '7',
      terms: ['12'],
    });
  });

  it('an empty sourcedId names nobody', () => {
    expect(canonical('orgs', { parent: { href: '', sourcedId: '', type: 'org' } })).toEqual({});
    expect(canonical('orgs', { parent: { sourcedId: null } })).toEqual({});
  });

  it('a list has no order and no repeats', () => {
    const orgs = [{ sourcedId: 'b' }, 'a', { sourcedId: 'b', type: 'org' }, null];
    expect(canonical('users', { orgs })).toEqual({ orgs: ['a', 'b'] });
  });

  it('one object stands for a list of one', () => {
    expect(canonical('users', { orgs: { sourcedId: 'a' } })).toEqual({ orgs: ['a'] });
  });

  it('agentSourceIds stand for agents', () => {
    expect(canonical('users', { agentSourceIds: ['b', 'a'] })).toEqual({ agents: ['a', 'b'] });
  });

  it('agentSourceIds beside agents are kept as unknown', () => {
    expect(canonical('users', { agents: ['a'], agentSourceIds: ['b'] })).toEqual({
      agents: ['a'],
      extensions: { agentSourceIds: ['b'] },
    });
  });

  it('ids hold any character and are never trimmed or folded', () => {
    for (const id of ['a/b|c+d_e', ' a ', 'Ä', 'A', '雪', '😀']) {
      expect(canonical('classes', { school: id })).toEqual({ school: id });
    }
  });
});

describe('texts', () => {
  it('a number is its digits', () => {
    expect(canonical('users', { phone: 5551234, identifier: 1.5 })).toEqual({
      phone: '5551234',
      identifier: '1.5',
    });
  });

  it('a text is kept as it is, without U+0000, with U+FFFD for a lone surrogate', () => {
    expect(canonical('users', { givenName: ' O\0’Neil "\\\n', familyName: 'x\ud800y', email: '😀' })).toEqual(
      {
        givenName: ' O’Neil "\\\n',
        familyName: 'x\ufffdy',
        email: '😀',
      },
    );
  });

  it('a masked value is a text like any other', () => {
    expect(canonical('users', { familyName: "D-ggl'abcdefg", email: 'x@gg4l.io' })).toEqual({
      familyName: "D-ggl'abcdefg",
      email: 'x@gg4l.io',
    });
  });

  it('true is no text: kept under extensions, with a warning', () => {
    expect(read('orgs', { name: true })).toEqual({
      canonical: { extensions: { name: true } },
      warnings: [{ attribute: 'name', reason: 'not a text' }],
    });
  });
});

describe('user ids', () => {
  it('have no order', () => {
    const userIds = [
      { type: 'SIS', identifier: '2' },
      { identifier: '1', type: 'FED' },
    ];
    expect(canonical('users', { userIds })).toEqual(canonical('users', { userIds: userIds.toReversed() }));
    expect(canonical('users', { userIds: userIds[0] })).toEqual({
      userIds: [{ type: 'SIS', identifier: '2' }],
    });
  });
});

describe('demographics', () => {
  it('birthdate stands for birthDate', () => {
    expect(canonical('demographics', { birthdate: '2011-05-06', asian: 'true' })).toEqual({
      birthDate: '2011-05-06',
      asian: true,
    });
  });
});
