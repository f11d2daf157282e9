import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { decodeDeadLetter, encodeDeadLetter, type DeadLetterFields, type DeadLetterOrigin } from '#contracts';
import { DeadLetterStore } from './dead-letter.store.js';
import type { PlacedLetter } from './letter-rows.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

const row: DeadLetterOrigin = { kind: 'row', districtId: 'd', generation: 5, entityType: 'users', row: 3 };
const message: DeadLetterOrigin = {
  kind: 'message',
  topic: 't',
  partition: 1,
  offset: '99999999999999999999',
};

function letterAt(
  offset: number,
  origin: DeadLetterOrigin,
  fields: Partial<DeadLetterFields> = {},
): PlacedLetter {
  const usual = { service: 'fetcher', reason: 'no usable sourcedId', at: '2026-01-01T00:00:00Z' };
  const letter = { origin, ...usual, contents: Buffer.from([0, 255, 10]), ...fields };
  return { offset: BigInt(offset), letter: decodeDeadLetter(encodeDeadLetter(letter).value) };
}

describe('dead letters in Postgres', () => {
  let scratch: ScratchRoster;
  let store: DeadLetterStore;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    store = new DeadLetterStore(scratch.database);
  });
  afterAll(() => scratch.close());

  const all = () => scratch.query('select * from roster.dead_letters order by district_id');

  it('keeps each origin once, counts how often it was met, and counts nothing twice when read again', async () => {
    const letters = [letterAt(0, row), letterAt(1, message), letterAt(2, row)];
    await store.write(letters);
    const kept = await all();
    expect(kept).toMatchObject([
      {
        district_id: 'd',
        generation: '5',
        entity_type: 'users',
        row_number: '3',
        times: 2,
        contents: Buffer.from([0, 255, 10]),
      },
      { topic: 't', partition: '1', log_offset: '99999999999999999999', times: 1 },
    ]);
    await store.write(letters);
    expect(await all()).toEqual(kept);
  });

  it('never refuses one', async () => {
    const odd: DeadLetterOrigin = { kind: 'message', topic: 'a\0b', partition: 2 ** 60, offset: '1' };
    await store.write([letterAt(10, odd, { reason: 'a\0b', at: 'yesterday' })]);
    const [found] = await scratch.query(
      `select reason, topic, partition, at from roster.dead_letters where topic = 'ab'`,
    );
    expect(found).toEqual({ reason: 'ab', topic: 'ab', partition: null, at: null });
  });

  const event = { source: '/districts/d', type: 'roster.users.created', subject: 'x', generation: 5 };
  const known = { district_id: 'd', entity_type: 'users', gg4l_id: 'x', generation: '5' };
  const nothing = { district_id: null, entity_type: null, gg4l_id: null, generation: null };
  it.each([
    ['a generation', {}, known],
    ...['"soon"', 'true', '{}', '1e30', '-1', '1.5', 'null'].map(
      (text) =>
        [
          `the generation ${text}`,
          { generation: JSON.parse(text) as unknown },
          { ...known, generation: null },
        ] as const,
    ),
    ['U+0000 in its subject', { subject: 'x\0' }, { ...known, gg4l_id: null }],
    ['a lone surrogate in its subject', { subject: 'x\ud800' }, { ...known, gg4l_id: null }],
    ['a subject that is none', { subject: { x: 1 } }, nothing],
    ['a source that is none', { source: { toString: 1, valueOf: 1 } }, nothing],
    ['a source of a district that cannot be', { source: `/districts/${'d'.repeat(9000)}` }, nothing],
    ['a type that is none', { type: ['roster.users.created'] }, nothing],
  ] as const)('never refuses one about a change event with %s', async (_name, other, expected) => {
    await scratch.query('delete from roster.dead_letters');
    const contents = Buffer.from(JSON.stringify({ ...event, ...other }));
    await store.write([letterAt(20, message, { contents })]);
    expect(await all()).toMatchObject([{ ...expected, contents }]);
  });

  it.each([
    ['a reason with a lone surrogate', { reason: 'x\udc00' }, { reason: 'x\ufffd' }],
    ['a year that no timestamp has', { at: '+275760-09-13T00:00:00.000Z' }, { at: null }],
    ['a year before Christ', { at: '-000001-01-01T00:00:00.000Z' }, { at: null }],
    ['the year 0', { at: '0000-01-01T00:00:00.000Z' }, { at: null }],
    [
      'an offset that no number is',
      { origin: { ...message, offset: '9'.repeat(200_000) } },
      { log_offset: null },
    ],
  ] as const)('never refuses one with %s', async (_name, fields, expected) => {
    await scratch.query('delete from roster.dead_letters');
    await store.write([letterAt(30, message, fields)]);
    expect(await all()).toMatchObject([expected]);
  });

  it('never refuses one whose id is not of ours, and keeps each once', async () => {
    await scratch.query('delete from roster.dead_letters');
    const ids = ['same', 'sa\0me', 'same', randomBytes(9_000).toString('hex')];
    await store.write(
      ids.map((id, at) => {
        const placed = letterAt(40 + at, message);
        return { ...placed, letter: { ...placed.letter, id } };
      }),
    );
    expect((await all()).map(({ times }) => times).sort()).toEqual([1, 1, 2]);
  });
});
