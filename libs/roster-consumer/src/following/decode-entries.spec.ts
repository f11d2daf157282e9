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
