/* What oneroster servers do with identity, order and unknown keys; value forms are in values-met.spec.ts. */
import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, recordHash, type EntityType } from '#contracts';
import { readRecord, type RecordReading } from './index.js';

type Read = Extract<RecordReading, { kind: 'record' }>;
const read = (raw: object): Read => readRecord('users', raw) as Read;

describe('ids', () => {
  it.each([
    ['with / | + _ %', 'a/b|c+d_e%2F'],
    ['with spaces, also around', ' a b '],
    ['non-ASCII', 'Ångström-雪'],
    ['an emoji', '😀'],
    ['255 long', 'x'.repeat(255)],
    ['that look like a number', '007'],
    ['that look like a marker', '!fence/1/x'],
  ])('%s are read as they are', (_name, sourcedId) => {
    for (const type of ENTITY_TYPES)
      expect(readRecord(type, { sourcedId })).toMatchObject({ gg4lId: sourcedId });
  });

  it('differing only by case, or by how their letters are composed, are different records', () => {
    const ids = ['abc', 'ABC', 'Abc', '\u00e9', 'e\u0301'];
    const hashes = ids.map((sourcedId) =>
      recordHash('d', 'users', read({ sourcedId }).gg4lId).toString('hex'),
    );
    expect(new Set(hashes).size).toBe(ids.length);
    const contents = ids.map((sourcedId) => read({ sourcedId }).fingerprint.toString('hex'));
    expect(new Set(contents).size).toBe(ids.length);
  });
});

describe('people', () => {
  it('the same person as several users stays several users', () => {
    const person = { givenName: 'Ada', familyName: 'King', email: 'ada@b.org', identifier: '7' };
    const [one, other] = ['u1', 'u2'].map((sourcedId) => read({ ...person, sourcedId }));
    expect(one?.gg4lId).not.toBe(other?.gg4lId);
    expect(one?.fingerprint).not.toEqual(other?.fingerprint);
  });

  it('teachers among students keep their own role', () => {
    const [teacher] = [{ sourcedId: 't', role: 'teacher', orgs: ['s1'] }].map(read);
    expect(JSON.parse(teacher?.canonical.toString() ?? '')).toEqual({
      ...{ sourcedId: 't', role: 'teacher', orgs: ['s1'] },
    });
  });

  it('demographics have the id of their user, and are a record of their own', () => {
    const reading = readRecord('demographics', { sourcedId: 'u1', sex: 'female' });
    expect(reading).toMatchObject({ kind: 'record', gg4lId: 'u1' });
    expect(recordHash('d', 'demographics', 'u1')).not.toEqual(recordHash('d', 'users', 'u1'));
  });
});

describe('what jitters between two reads', () => {
  const user = {
    ...{ sourcedId: 'a', orgs: [{ sourcedId: 's1' }, { sourcedId: 's2' }], grades: ['09', '10'] },
    ...{
      agents: ['g1', 'g2'],
      userIds: [
        { type: 'x', identifier: '1' },
        { type: 'y', identifier: '2' },
      ],
    },
  };
  const { fingerprint } = read(user);

  it.each([
    ['the order of references', { orgs: user.orgs.toReversed(), agents: user.agents.toReversed() }],
    ['the order of grades', { grades: ['10', '09'] }],
    ['the order of userIds', { userIds: user.userIds.toReversed() }],
    ['dateLastModified without any other change', { dateLastModified: '2026-09-01T00:00:00Z' }],
    [
      'links',
      { href: 'https://other/users/a', orgs: user.orgs.map((org) => ({ ...org, href: 'https://x' })) },
    ],
    ['a repeated reference', { orgs: [...user.orgs, { sourcedId: 's1' }] }],
    ['empty values', { middleName: '', phone: null, sms: [], metadata: {} }],
  ])('%s is no change', (_name, change) => {
    expect(read({ ...user, ...change }).fingerprint).toEqual(fingerprint);
  });

  it('a change without a change of dateLastModified is a change', () => {
    const dated = { ...user, dateLastModified: '2026-09-01T00:00:00Z' };
    expect(read({ ...dated, grades: ['11'] }).fingerprint).not.toEqual(fingerprint);
  });
});

describe('shapes to expect', () => {
  const refs = (...ids: string[]) => ids.map((sourcedId) => ({ sourcedId, type: 'org' }));
  it.each<[string, EntityType, object]>([
    ['a student in several schools and grades', 'users', { orgs: refs('s1', 's2'), grades: ['09', '10'] }],
    ['a teacher in several schools', 'users', { role: 'teacher', orgs: refs('s1', 's2') }],
    ['a user of the district office', 'users', { role: 'administrator', orgs: refs('district') }],
    ['a class of several grades', 'classes', { school: { sourcedId: 's1' }, grades: ['09', '10', '11'] }],
    ['an enrollment of a user who is not shared', 'enrollments', { user: { sourcedId: 'elsewhere' } }],
  ])('%s is a record like any other', (_name, type, attributes) => {
    const reading = readRecord(type, { sourcedId: 'a', ...attributes }) as Read;
    expect(reading.kind).toBe('record');
    const { grades } = attributes as { grades?: readonly string[] };
    expect(
      (JSON.parse(reading.canonical.toString()) as typeof attributes & { grades?: unknown }).grades,
    ).toEqual(grades);
  });
});

describe('metadata', () => {
  it('keeps flat dotted keys as they are, and an empty one is absent', () => {
    const metadata = { 'gg4l.primary_school': 's1', 'gg4l.primaryGrade': '09', student_number: '7' };
    const raw = { sourcedId: 'a', metadata: { ...metadata, 'gg4l.preferred_contact_method': '' } };
    expect(JSON.parse(read(raw).canonical.toString())).toEqual({ sourcedId: 'a', extensions: { metadata } });
  });
});

describe('unknown keys', () => {
  it('anywhere are kept', () => {
    const raw = {
      ...{
        sourcedId: 'a',
        locker: 7,
        metadata: { 'gg4l.primary_school': 's1', nested: { deep: [{ own: true }] } },
      },
      userIds: [{ type: 'x', identifier: '1', own: 'y' }],
    };
    expect(JSON.parse(read(raw).canonical.toString())).toEqual({
      sourcedId: 'a',
      userIds: raw.userIds,
      extensions: { locker: 7, metadata: raw.metadata },
    });
  });

  it('of a reference are not: it is reduced to its id', () => {
    const org = { href: 'https://host/orgs/s1', sourcedId: 's1', type: 'org', name: 'North' };
    expect(JSON.parse(read({ sourcedId: 'a', orgs: [org] }).canonical.toString())).toEqual({
      sourcedId: 'a',
      orgs: ['s1'],
    });
  });
});
