/* What oneroster servers do with identity, order and unknown keys; value forms are in values-met.spec.ts. */
import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, recordHash } from '#contracts';
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
