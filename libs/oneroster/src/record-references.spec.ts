import { describe, expect, it } from '@jest/globals';
import { NO_SCHOOL, schoolHash, type EntityType } from '#contracts';
import { attributesOf, collectionKeys, readRecord } from './index.js';

/** A record by what it refers to. */
function referring(type: EntityType, raw: object) {
  const reading = readRecord(type, { sourcedId: 'a', ...raw });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  return reading;
}

describe('school', () => {
  it.each<[EntityType, object, string | undefined]>([
    ['orgs', { parent: 'd' }, 'a'],
    ['courses', { org: 's1' }, 's1'],
    ['classes', { school: { sourcedId: 's1' } }, 's1'],
    ['enrollments', { school: 's1' }, 's1'],
    ['users', { orgs: ['s1', 's1'] }, 's1'],
    ['users', { orgs: ['s1', 's2'] }, undefined],
    ['users', {}, undefined],
    ['courses', {}, undefined],
    ['academicSessions', { parent: 'x' }, undefined],
    ['demographics', {}, undefined],
  ])('of %s %j is %j', (type, raw, school) => {
    expect(referring(type, raw).schoolHash).toEqual(school === undefined ? NO_SCHOOL : schoolHash(school));
  });
});

describe('references to check', () => {
  it('are listed for enrollments, classes and courses', () => {
    expect(referring('enrollments', { user: 'u', class: 'c', school: 's' }).references).toEqual([
      { type: 'classes', gg4lId: 'c' },
      { type: 'orgs', gg4lId: 's' },
      { type: 'users', gg4lId: 'u' },
    ]);
    expect(referring('classes', { course: 'k', terms: ['t2', 't1'], resources: ['r'] }).references).toEqual([
      { type: 'courses', gg4lId: 'k' },
      { type: 'academicSessions', gg4lId: 't1' },
      { type: 'academicSessions', gg4lId: 't2' },
    ]);
    expect(referring('courses', { org: 's', schoolYear: 'y' }).references).toHaveLength(2);
  });

  it('are not listed for other types', () => {
    expect(referring('users', { orgs: ['s'], agents: ['u'] }).references).toEqual([]);
  });
});

describe('who is left out', () => {
  const isLeftOut = (type: EntityType, gg4lId: string) => type === 'users' && gg4lId === 'gone';
  const read = (type: EntityType, raw: object) =>
    readRecord(type, { sourcedId: 'a', ...raw }, undefined, isLeftOut);

  it.each([
    [{ agents: ['mum', 'gone'] }, { agents: ['mum'] }],
    [{ agents: [{ sourcedId: 'gone', type: 'user' }] }, {}],
    [{ agentSourceIds: ['gone', 'mum'] }, { agents: ['mum'] }],
    [{ agentSourcedIds: 'gone' }, {}],
    [
      { agents: ['mum'], orgs: ['gone'] },
      { agents: ['mum'], orgs: ['gone'] },
    ],
  ])('is in no list of references: %j is read as %j', (raw, as) => {
    const [without, plain] = [read('users', raw), readRecord('users', { sourcedId: 'a', ...as })];
    expect(without).toMatchObject({ kind: 'record' });
    if (without.kind !== 'record' || plain.kind !== 'record') throw new Error('both are records');
    expect(String(without.canonical)).toBe(String(plain.canonical));
    expect(without.fingerprint).toEqual(plain.fingerprint);
  });

  it('is still the user of an enrollment, which goes with them', () => {
    expect(read('enrollments', { user: 'gone', class: 'c' })).toMatchObject({
      references: [
        { type: 'classes', gg4lId: 'c' },
        { type: 'users', gg4lId: 'gone' },
      ],
    });
  });
});

describe('tables', () => {
  it('say kind and target of every canonical attribute, and describe it', () => {
    const described = attributesOf('enrollments');
    expect(described.every(({ description }) => description.length > 3)).toBe(true);
    expect(described.map(({ description: _, ...attribute }) => attribute)).toEqual([
      { name: 'role', kind: 'text' },
      { name: 'primary', kind: 'boolean' },
      { name: 'beginDate', kind: 'date' },
      { name: 'endDate', kind: 'date' },
      { name: 'user', kind: 'text', reference: 'users' },
      { name: 'class', kind: 'text', reference: 'classes' },
      { name: 'school', kind: 'text', reference: 'orgs' },
    ]);
  });

  it("name each collection's keys, the standard's first", () => {
    expect(collectionKeys('orgs')).toEqual(['orgs', 'org', 'schools']);
    expect(collectionKeys('demographics')[0]).toBe('demographics');
  });
});
