import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, DISTRICT, ScratchLedger } from '../test/scratch-ledger.js';
import { UpkeepLedger } from './upkeep.store.js';

const scratch = new ScratchLedger('upkeep');
const { connection } = scratch;
const upkeep = new UpkeepLedger(connection);

beforeAll(() => connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

async function answered(generation: number, state: 'completed' | 'held', closedAt: number | null) {
  const at = closedAt === null ? null : new Date(closedAt);
  await scratch.put(generation, state, { closed_at: at });
  await connection.query(
    `insert into ledger.partition_answers select $1, $2, 'planned', p, '{}' from generate_series(0, 11) p`,
    [DISTRICT, generation],
  );
}

describe('what the ledger needs no more', () => {
  it('is what partitions answered to runs closed long ago, and no run', async () => {
    await answered(7, 'completed', AT - 1);
    await answered(8, 'completed', AT);
    await answered(9, 'held', null);
    expect(await upkeep.forgetSomeBefore(AT)).toMatchObject({ answers: 12 });
    expect(await scratch.count('partition_answers where generation = 7')).toBe(0);
    expect(await scratch.count('partition_answers')).toBe(24);
    expect(await scratch.count('runs')).toBe(3);
    expect(await upkeep.forgetSomeBefore(AT)).toMatchObject({ answers: 0 });
  });

  it('is every event published long ago, some at a time, and none that is still to be', async () => {
    await scratch.empty();
    await connection.query(
      `insert into ledger.lifecycle_events (district_id, generation, moment, time, body, published_at)
       select 'd-1', n, 'opened', now(), '{}', case when n > 3 then ledger.at($1::float8) end
         from generate_series(1, 25003) n`,
      [AT - 1],
    );
    for (const events of [10_000, 10_000, 5_000, 0])
      expect(await upkeep.forgetSomeBefore(AT)).toEqual({ answers: 0, events });
    expect(await scratch.count('lifecycle_events where published_at is null')).toBe(3);
  });
});
