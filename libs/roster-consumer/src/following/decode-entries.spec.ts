import { describe, expect, it } from '@jest/globals';
import { encodeFence, ENTITY_TYPES } from '#contracts';
import { decodeEntries } from './decode-entries.js';
import { encodeSample, encodeSampleWatermark } from '../../test/sample-changes.js';

describe('decoding a change topic', () => {
  it('knows changes, watermarks, fences and tombstones of every type', () => {
    for (const type of ENTITY_TYPES) {
      const fence = { entityType: type, partition: 0, epoch: 2, author: 'a', time: '2026-01-01T00:00:00Z' };
      const values = [
        encodeSample(type, { verb: 'created', id: 'a', generation: 1 }),
        encodeSampleWatermark(type, { generation: 1 }),
        encodeFence(fence).value,
        null,
      ];
      const entries = decodeEntries(
        type,
        values.map((value, index) => ({ offset: BigInt(index), value })),
      );
      expect(entries.map(({ kind }) => kind)).toEqual(['change', 'watermark', 'fence', 'tombstone']);
    }
  });

  it('tells of a tombstone what it is of: a record, whatever its id holds, or a watermark; or nothing that is known', () => {
    const keys = ['d/users/a/b c', '!watermark/d', 'd/orgs/a', 'd/users/', '!fence/1/me', 'nonsense', null];
    const entries = decodeEntries(
      'users',
      keys.map((key, at) => ({
        offset: BigInt(at),
        key: key === null ? null : Buffer.from(key),
        value: null,
      })),
    );
    expect(entries).toEqual([
      { kind: 'tombstone', offset: 0n, districtId: 'd', gg4lId: 'a/b c' },
      { kind: 'tombstone', offset: 1n, districtId: 'd' },
      ...[2n, 3n, 4n, 5n, 6n].map((offset) => ({ kind: 'tombstone', offset })),
    ]);
  });

  it('takes a tombstone whose key no store can hold for one of nothing', () => {
    const keys = ['d/users/a\0b', 'd\0/users/a', '!watermark/d\0', Buffer.from('d/users/\xff', 'latin1')];
    const entries = decodeEntries(
      'users',
      keys.map((key, at) => ({ offset: BigInt(at), key: Buffer.from(key), value: null })),
    );
    expect(entries).toEqual([0n, 1n, 2n, 3n].map((offset) => ({ kind: 'tombstone', offset })));
  });

  it('keeps an id with a replacement character of its own', () => {
    const [entry] = decodeEntries('users', [
      { offset: 0n, key: Buffer.from('d/users/a\uFFFD'), value: null },
    ]);
    expect(entry).toMatchObject({ districtId: 'd', gg4lId: 'a\uFFFD' });
  });

  describe('of another type than it knows', () => {
    const event = { specversion: '1.0', id: '1', source: '/districts/d', type: 'roster.users.merged' };
    const kindOf = (changed: object) => {
      const value = Buffer.from(JSON.stringify({ ...event, ...changed }));
      return decodeEntries('users', [{ offset: 3n, value }])[0];
    };

    it('passes over an event of its own, which came to the topic later', () => {
      expect(kindOf({})).toEqual({ kind: 'unknown', offset: 3n, type: 'roster.users.merged' });
      expect(kindOf({ epoch: 'other', data: [] })).toMatchObject({ kind: 'unknown' });
    });

    it.each([
      ['of another version', { specversion: '2.0' }],
      ['of no version', { specversion: undefined }],
      ['of another entity type', { type: 'roster.orgs.merged' }],
      ['of an unknown entity type', { type: 'roster.pets.merged' }],
      ['of another namespace', { type: 'others.users.merged' }],
      ['with parts that it should not have', { type: 'roster.users.created.v2' }],
      ['without a last part', { type: 'roster.users.' }],
      ['with a last part that is no name', { type: 'roster.users.a b' }],
    ])('and not one %s', (_, changed) => {
      expect(kindOf(changed)).toMatchObject({ kind: 'malformed', offset: 3n });
    });
  });

  it('marks what is no change message, or one of another type, and says why without quoting it', () => {
    const values: Buffer[] = [
      'not json: secret',
      '{"type":"roster.users.created","secret":1}',
      '[]',
      'null',
    ].map((text) => Buffer.from(text));
    values.push(encodeSample('orgs', { verb: 'created', id: 'secret', generation: 1 }));
    const entries = decodeEntries(
      'users',
      values.map((value, index) => ({ offset: BigInt(index), value })),
    );
    expect(entries.map(({ kind }) => kind)).toEqual(Array.from(values, () => 'malformed'));
    for (const entry of entries) expect(entry.kind === 'malformed' && entry.reason).not.toContain('secret');
  });
});
