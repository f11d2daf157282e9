import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, DIGEST, ScratchLedger } from '../test/scratch-ledger.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('settlement');
const ledger = new SettlementLedger(scratch.connection);
const NOW = AT + 1000;

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('a run', () => {
  it('keeps who decided about it, why and when', async () => {
    const run = await scratch.put(7, 'held', { hold: 'sweep' });
    await ledger.approve(run, DIGEST, 'ann', 'a school closed', NOW);
    expect(await scratch.of(run, 'decision')).toMatchObject({
      ...{ verdict: 'approved', who: 'ann', why: 'a school closed' },
    });
  });

  it('that completed is known to its district', async () => {
    await scratch.connection.query(
      `insert into ledger.districts (district_id, name, state) values ('d-2', 'Other', 'active')`,
    );
    await ledger.complete(await scratch.put(7, 'sweeping'), [], NOW);
    expect(await scratch.count('districts where completed_generation = 7')).toBe(1);
  });

  it('leaves other runs alone when it moves', async () => {
    const other = await scratch.put(6, 'completed');
    const before = await scratch.of(other, 'runs::text');
    await ledger.complete(await scratch.put(7, 'sweeping'), [], NOW);
    expect(await scratch.of(other, 'runs::text')).toBe(before);
  });
});
