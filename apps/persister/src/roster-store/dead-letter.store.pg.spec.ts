import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeDeadLetter, encodeDeadLetter, type DeadLetterOrigin } from '#contracts';
import { DeadLetterStore, type PlacedLetter } from './dead-letter.store.js';
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
  reason = 'no usable sourcedId',
  at = '2026-01-01T00:00:00Z',
): PlacedLetter {
  const fields = { origin, service: 'fetcher', reason, contents: Buffer.from([0, 255, 10]), at };
  return { offset: BigInt(offset), letter: decodeDeadLetter(encodeDeadLetter(fields).value) };
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
    await store.write([letterAt(10, odd, 'a\0b', 'yesterday')]);
    const [found] = await scratch.query(
      `select reason, topic, partition, at from roster.dead_letters where topic = 'ab'`,
    );
    expect(found).toEqual({ reason: 'ab', topic: 'ab', partition: null, at: null });
  });
});
