import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ENTITY_TYPES } from '#contracts';
import { changedAttributes, digestAttributes, digestedAttributes, NO_DIGESTS } from './attribute-digests.js';
import { attributesOf } from './canonical-attributes.js';
import { readRecord } from './read-record.js';

const sharedIds = { sourcedId: 'u-1', status: 'active' };
const user = {
  ...sharedIds,
  ...{ username: 'ada', givenName: 'Ada', familyName: 'Example', role: 'student', enabledUser: true },
  ...{ orgs: [{ sourcedId: 'north' }, { sourcedId: 'south' }], userIds: [{ type: 'a', identifier: '1' }] },
  metadata: { note: 'a "quoted" } word, \\ and more', list: [{ deep: [1, 2] }] },
};

function canonicalOf(raw: object): Buffer {
  const reading = readRecord('users', raw);
  if (reading.kind !== 'record') throw new Error('a good record was meant');
  return reading.canonical;
}

const digestsOf = (raw: object): Buffer => digestAttributes('users', canonicalOf(raw));
const changed = (before: object, after: object): readonly string[] =>
  changedAttributes('users', digestsOf(before), digestsOf(after));

describe('attributes that changed', () => {
  it.each<[string, object, readonly string[]]>([
    ['another value', { givenName: 'Eve' }, ['givenName']],
    ['a new attribute', { email: 'ada@example.org' }, ['email']],
    ['one that went', { familyName: '' }, ['familyName']],
    ['another list', { orgs: [{ sourcedId: 'north' }] }, ['orgs']],
    ['something OneRoster does not name', { badge: 7 }, ['extensions']],
    [
      'something deep in it',
      { metadata: { note: user.metadata.note, list: [{ deep: [1, 3] }] } },
      ['extensions'],
    ],
    ['several', { username: 'eve', enabledUser: false, phone: '1' }, ['enabledUser', 'phone', 'username']],
  ])('are named: %s', (_what, edit, expected) => {
    expect(changed(user, { ...user, ...edit })).toEqual(expected);
  });

  it('are none where only the spelling is another', () => {
    const respelled = {
      ...user,
      enabledUser: 'true',
      orgs: [...user.orgs].reverse(),
      dateLastModified: 'now',
    };
    expect(changed(user, respelled)).toEqual([]);
  });

  it('are none where either side is not known', () => {
    expect(changedAttributes('users', NO_DIGESTS, digestsOf(user))).toEqual([]);
    expect(changedAttributes('users', digestsOf(user), NO_DIGESTS)).toEqual([]);
  });

  it('are never made up, and hardly ever missed', () => {
    const values = fc.record(
      {
        username: fc.string({ unit: 'binary' }),
        givenName: fc.string(),
        email: fc.string(),
        badge: fc.jsonValue(),
        metadata: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    let named = 0;
    let differing = 0;
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [before, after] = [one, other].map((value) => canonicalOf({ ...value, ...sharedIds }));
        if (before === undefined || after === undefined) throw new Error('two were made');
        const found = changedAttributes(
          'users',
          digestAttributes('users', before),
          digestAttributes('users', after),
        );
        const truth = differences(before, after);
        expect(truth).toEqual(expect.arrayContaining([...found]));
        named += found.length;
        differing += truth.length;
      }),
      { numRuns: 500, seed: 1 },
    );
    expect(differing - named).toBeLessThanOrEqual(1);
  });
});

describe('digests of a record', () => {
  it.each(ENTITY_TYPES)('of %s have a place for each attribute', (type) => {
    const names = ['extensions', ...attributesOf(type).map(({ name }) => name)];
    expect(digestedAttributes(type)).toEqual(names);
    names.forEach((name, place) => {
      const canonical = Buffer.from(
        name < 'sourcedId' ? `{"${name}":1,"sourcedId":"a"}` : `{"sourcedId":"a","${name}":1}`,
      );
      const digests = digestAttributes(type, canonical);
      expect(digests).toHaveLength(2 * names.length);
      const filled = names.filter((_name, at) => digests.readUInt16BE(2 * at) !== 0);
      expect(filled).toEqual([names[place]]);
    });
  });

  it('keep their places for ever: a new attribute comes behind those that were released', () => {
    for (const type of ENTITY_TYPES) {
      const released = RELEASED[type];
      expect(digestedAttributes(type).slice(0, released.length)).toEqual(released);
    }
  });

  it('that were made before an attribute was known say that no record had it', () => {
    const before = digestsOf({ ...sharedIds, username: 'ada' });
    const after = digestsOf({ ...sharedIds, username: 'ada', userIds: user.userIds });
    expect(changedAttributes('users', before.subarray(0, before.length - 2), after)).toEqual(['userIds']);
    expect(changedAttributes('users', before.subarray(0, before.length - 2), before)).toEqual([]);
  });

  it.each([
    '',
    '{}',
    '[]',
    '{"sourcedId"',
    '{"sourcedId":"a"',
    '{"sourcedId":"a"}x',
    '{"sourcedId":"a\\',
    '{ "sourcedId":"a"}',
    '{"sourcedId" :"a"}',
    '{"sourcedId":"a","nickname":"b"}',
    'null',
  ])('are none of what is no canonical record: %s', (text) => {
    expect(digestAttributes('users', Buffer.from(text))).toEqual(NO_DIGESTS);
  });
});

function differences(before: Buffer, after: Buffer): readonly string[] {
  const [one, other] = [before, after].map((bytes) => JSON.parse(String(bytes)) as Record<string, unknown>);
  if (one === undefined || other === undefined) throw new Error('two were parsed');
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}

const text = (names: string): readonly string[] => names.split(' ');

/** Digests are kept in the index: never change what is here, only add. */
const RELEASED = {
  orgs: text('extensions name type identifier parent children'),
  academicSessions: text('extensions title type startDate endDate schoolYear parent children'),
  courses: text('extensions title courseCode schoolYear grades subjects subjectCodes org resources'),
  classes: text(
    'extensions title classCode classType location grades subjects subjectCodes periods course school terms resources',
  ),
  users: text(
    'extensions username givenName familyName middleName role enabledUser identifier email sms phone grades orgs agents userIds',
  ),
  enrollments: text('extensions role primary beginDate endDate user class school'),
  demographics: text(
    'extensions birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus',
  ),
} as const;
