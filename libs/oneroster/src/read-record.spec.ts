import { describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { fingerprintOf, readRecord, type RecordReading } from './index.js';

type Read = Extract<RecordReading, { kind: 'record' }>;

function record(type: EntityType, raw: object): Read {
  const reading = readRecord(type, { sourcedId: 'a', ...raw });
  if (reading.kind !== 'record') throw new Error(`${reading.kind}: ${reading.reason}`);
  return reading;
}

const textOf = (type: EntityType, raw: object) => record(type, raw).canonical.toString();

describe('identity', () => {
  it.each([[null], [undefined], ['text'], [7], [true], [[{ sourcedId: 'a' }]]])('%j is no record', (raw) => {
    expect(readRecord('users', raw)).toEqual({ kind: 'unreadable', reason: 'not an object' });
  });

  it.each([
    [undefined],
    [null],
    [''],
    ['a\0'],
    ['a\ud800'],
    ['x'.repeat(256)],
    [1.5],
    [2 ** 53],
    [true],
    [['a']],
    [{ id: 'a' }],
  ])('%j is no usable sourcedId', (sourcedId) => {
    expect(readRecord('users', { sourcedId, givenName: 'Ada' })).toEqual({
      kind: 'unreadable',
      reason: 'no usable sourcedId',
    });
  });

  it.each([
    ['a', 'a'],
    ['A', 'A'],
    [' a ', ' a '],
    ['x'.repeat(255), 'x'.repeat(255)],
    [42, '42'],
    [-0, '0'],
    ['!watermark/d', '!watermark/d'],
  ])('%j names the record %j', (sourcedId, gg4lId) => {
    const reading = record('users', { sourcedId });
    expect(reading.gg4lId).toBe(gg4lId);
    expect(reading.canonical.toString()).toBe(JSON.stringify({ sourcedId: gg4lId }));
  });
});

describe('status', () => {
  it.each([['tobedeleted'], ['ToBeDeleted'], ['to_be_deleted'], ['inactive'], ['Inactive']])(
    '%j withdraws the record',
    (status) => {
      expect(record('users', { status }).withdrawn).toBe(true);
    },
  );

  it.each([['active'], ['Active'], [''], [null], [undefined]])(
    '%j is active, and no part of it',
    (status) => {
      const { canonical, withdrawn } = record('users', { status });
      expect({ canonical, withdrawn }).toEqual({
        canonical: record('users', {}).canonical,
        withdrawn: false,
      });
    },
  );

  it.each([['suspended'], [7], [true]])('%j is unknown: active, and kept under extensions', (status) => {
    const reading = record('users', { status });
    expect(reading.withdrawn).toBe(false);
    expect(JSON.parse(reading.canonical.toString())).toEqual({ sourcedId: 'a', extensions: { status } });
  });

  it('a withdrawn record has the content of the active one', () => {
    expect(textOf('orgs', { name: 'North', status: 'tobedeleted' })).toBe(textOf('orgs', { name: 'North' }));
  });
});

describe('values that break their kind', () => {
  it.each<[EntityType, string, unknown]>([
    ['classes', 'school', true],
    ['classes', 'school', 7],
    ['classes', 'school', { sourcedId: 1.5 }],
    ['users', 'orgs', [7, 's1']],
    ['classes', 'school', { href: 'https://host/orgs/s1' }],
    ['classes', 'school', { sourcedId: {} }],
    ['classes', 'school', ['s1', 's2']],
    ['classes', 'terms', ['t1', false]],
    ['users', 'orgs', 'x'.repeat(256)],
    ['enrollments', 'user', 'u\0'],
  ])('%s whose %s is %j is quarantined', (type, attribute, value) => {
    expect(readRecord(type, { sourcedId: 'a', [attribute]: value })).toEqual({
      kind: 'quarantined',
      gg4lId: 'a',
      withdrawn: false,
      attribute,
      reason: 'not a reference',
    });
  });

  it.each<[EntityType, string, unknown]>([
    ['orgs', 'name', { en: 'North' }],
    ['orgs', 'name', ['North', 'South']],
    ['enrollments', 'beginDate', { year: 2026 }],
    ['users', 'grades', [{ grade: '09' }]],
    ['users', 'enabledUser', [[true]]],
  ])('%s whose %s is %j is quarantined', (type, attribute, value) => {
    expect(readRecord(type, { sourcedId: 'a', status: 'inactive', [attribute]: value })).toEqual({
      kind: 'quarantined',
      gg4lId: 'a',
      withdrawn: true,
      attribute,
      reason: 'a structure where a plain value belongs',
    });
  });
});

describe('content', () => {
  it('is RFC 8785 JSON with a fixed place for everything', () => {
    const raw = {
      status: 'active',
      name: 'North',
      zone: 'Z',
      metadata: { 'gg4l.b': '', b: 1e21, a: [-0, 1.5] },
      type: 'school',
      parent: { sourcedId: 'd' },
      dateLastModified: '2026-08-01T00:00:00Z',
    };
    expect(textOf('orgs', raw)).toBe(
      '{"extensions":{"metadata":{"a":[0,1.5],"b":1e+21},"zone":"Z"},' +
        '"name":"North","parent":"d","sourcedId":"a","type":"school"}',
    );
  });

  it('does not change with href, dateLastModified, key order or the order of sets', () => {
    const one = record('users', {
      dateLastModified: '2026-01-01',
      orgs: [{ sourcedId: 's1', href: 'https://a' }, { sourcedId: 's2' }],
      grades: ['9', '10'],
      metadata: { href: 'x', k: { href: 'y', v: 1 } },
    });
    const other = record('users', {
      metadata: { k: { v: 1, href: 'z' } },
      grades: '10,9',
      orgs: ['s2', { href: 'https://b', sourcedId: 's1' }],
      href: 'w',
    });
    expect(other.fingerprint).toEqual(one.fingerprint);
    expect(one.dateLastModified).toBe('2026-01-01');
    expect(other.dateLastModified).toBe('');
  });

  it('changes with the order of a list that nobody described', () => {
    expect(textOf('users', { own: [1, 2] })).not.toBe(textOf('users', { own: [2, 1] }));
    expect(textOf('users', { own: [null, 1, ''] })).toContain('[null,1,null]');
  });

  it.each([
    ['password'],
    ['PassWord'],
    ['app_password'],
    ['clientSecret'],
    ['secret'],
    ['access_token'],
    ['token'],
    ['sessionTokens'],
    ['userPwd'],
    ['passcode'],
    ['secret-key'],
    ['credentials'],
    ['Credential'],
    ['href'],
  ])('never holds %s, at any depth', (key) => {
    const raw = {
      [key]: 'hidden',
      metadata: { [`x.${key}`]: key === 'href' ? '' : 'hidden', deep: [{ [key]: 'hidden' }] },
    };
    expect(textOf('users', { ...raw, userIds: [{ type: 't', [key]: 'hidden' }] })).not.toContain('hidden');
  });

  it('holds what only resembles a secret', () => {
    const resembling = {
      secretary: 'a',
      passport: 'b',
      teachingCredentials: 'c',
      credentialId: 'd',
      keycard: 'e',
    };
    expect(JSON.parse(textOf('users', resembling))).toEqual({ sourcedId: 'a', extensions: resembling });
  });

  it('holds keys that JavaScript would trip over', () => {
    const raw = JSON.parse(
      '{"sourcedId":"a","__proto__":{"x":1},"constructor":"c","metadata":{"__proto__":"p"}}',
    ) as object;
    expect(textOf('users', raw)).toBe(
      '{"extensions":{"__proto__":{"x":1},"constructor":"c","metadata":{"__proto__":"p"}},"sourcedId":"a"}',
    );
  });

  it("takes a source's own extensions in, after what stands beside them", () => {
    const raw = { u: 1, metadata: { k: 1 }, extensions: { u: 2, v: 2, metadata: { k: 2, l: 2 } } };
    expect(textOf('users', raw)).toBe(
      '{"extensions":{"metadata":{"k":1,"l":2},"u":1,"v":2},"sourcedId":"a"}',
    );
  });

  it('has one member where two keys are repaired to one name', () => {
    const expected = '{"extensions":{"metadata":{"k":1},"u":1},"sourcedId":"a"}';
    expect(textOf('users', { 'u\0': 2, u: 1, metadata: { '\0k': 2, k: 1, 'k\0': 3 } })).toBe(expected);
    expect(textOf('users', { metadata: { 'k\0': 3, k: 1, '\0k': 2 }, u: 1, 'u\0': 2 })).toBe(expected);
  });

  it('ends at a depth, with a warning, however deep the source is', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 50_000; level += 1) deep = { in: deep, at: 1 };
    const reading = record('users', { own: deep, userIds: [deep] });
    const tooDeep = reading.warnings.filter(({ reason }) => reason === 'nested too deeply');
    expect(tooDeep.map(({ attribute }) => attribute)).toEqual(['userIds', 'own']);
    expect(reading.canonical.toString()).not.toContain('end');
  });

  it('survives very long lists', () => {
    const codes = Array.from({ length: 200_000 }, (_, n) => String(n)).join(',');
    expect(record('users', { grades: codes, agents: codes.split(','), userIds: codes.split(',') }).kind).toBe(
      'record',
    );
  });

  it('keeps dateLastModified to 64 characters', () => {
    expect(record('users', { dateLastModified: 'x'.repeat(100) }).dateLastModified).toHaveLength(64);
    expect(record('users', { dateLastModified: { at: 1 } }).dateLastModified).toBe('');
  });
});

describe('fingerprint', () => {
  it('is the first 16 bytes of SHA-256 of the version, a line feed and the canonical bytes', () => {
    const reading = record('orgs', { name: 'Nørth' });
    expect(reading.fingerprint).toEqual(fingerprintOf(reading.canonical));
    expect(reading.fingerprint).toHaveLength(16);
    expect(fingerprintOf(Buffer.from('{"sourcedId":"a"}')).toString('hex')).toBe(
      '7d6be4210b7e34ccc9cbbe5aa9941299',
    );
  });
});
