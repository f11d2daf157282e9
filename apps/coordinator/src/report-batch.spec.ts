import { describe, expect, it } from '@jest/globals';
import { readReports } from './report-batch.js';

const RUN = { districtId: 'd-1', generation: 7 };
const PLACE = { partition: 0, epoch: 1 };
const BUSY = { kind: 'busy', ...PLACE, phase: 'planning' };
const FAILED = { kind: 'failed', ...RUN, ...PLACE, marker: 'end', reason: 'why', highestGeneration: 7 };
const AT = '2026-03-10T12:00:00Z';

const read = (...values: readonly (object | string | null)[]) =>
  readOffsets(values.map((value, at) => [BigInt(at), value]));

function readOffsets(placed: readonly (readonly [bigint, object | string | null])[]) {
  const messages = placed.map(([offset, value]) => ({
    ...{ offset, key: null, timestamp: 0 },
    value: value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  }));
  return readReports({ topic: 'reports', partition: 0, messages }, 3, AT);
}

describe('a batch of reports', () => {
  it('is read as a whole, also where texts are unusual', () => {
    const unusual = { ...FAILED, reason: '\\u0000 \u{1f4da} \\\\ud800' };
    expect(read(BUSY, unusual)).toEqual({ reports: [BUSY, unusual], letters: [], strangers: 0 });
  });

  it.each([
    ['no message', null],
    ['no JSON', '{"kind":'],
    ['an unknown kind', { ...BUSY, kind: 'resting' }],
    ['a partition below 0', { ...BUSY, partition: -1 }],
    ['an epoch that is no number', { ...BUSY, epoch: '1' }],
    ['an epoch that fits no column', { ...BUSY, epoch: 2 ** 31 }],
    ['a generation that fits no column', { ...FAILED, generation: 1e300 }],
    ['a count that is no number', { ...FAILED, kind: 'applied', types: { users: { created: null } } }],
    ['a count that nobody can add up', { ...FAILED, kind: 'swept', types: { users: { archived: 2 ** 53 } } }],
    ['a text that Postgres cannot keep', { ...FAILED, reason: 'a\u0000' }],
    ['a text with half of a surrogate pair', JSON.stringify({ ...FAILED, reason: '\ud800' })],
  ])('with %s among them loses only that, to the dead letters', (_, nonsense) => {
    const { reports, letters, strangers } = read(BUSY, nonsense, BUSY);
    expect([reports, strangers]).toEqual([[BUSY, BUSY], 0]);
    const origin = { kind: 'message', topic: 'reports', partition: 0, offset: '1' };
    expect(letters).toEqual([expect.objectContaining({ origin, service: 'coordinator', at: AT })]);
    expect(letters[0]?.reason).not.toBe('');
  });

  it('of a partition that the raw log does not have are counted, and buried', () => {
    const { reports, letters, strangers } = read(BUSY, { ...BUSY, partition: 3 });
    expect([reports, strangers]).toEqual([[BUSY], 1]);
    expect(letters[0]?.reason).toBe('partition 3 of a raw log that has 3');
  });

  it.each([
    ['the same', 5n],
    ['a lower one', 4n],
  ])('stops the coordinator where an offset is followed by %s', (_, next) => {
    const batch = () =>
      readOffsets([
        [5n, BUSY],
        [next, BUSY],
      ]);
    expect(batch).toThrow(expect.objectContaining({ name: 'NonsenseError' }));
    expect(batch).toThrow(`offset ${next} of reports follows 5`);
  });
});
