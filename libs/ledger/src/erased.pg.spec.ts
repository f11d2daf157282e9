import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { DISTRICT, ScratchLedger } from '../test/scratch-ledger.js';
import { ConfirmingLedger } from './confirming.store.js';
import { ReadingLedger } from './reading.store.js';

const scratch = new ScratchLedger('erased');
const { connection } = scratch;
const ledgers = [new ReadingLedger(connection), new ConfirmingLedger(connection)];

beforeAll(() => connection.migrate());
afterAll(() => scratch.drop());

it('nobody is erased while the roster keeps no list', async () => {
  for (const ledger of ledgers) expect(await ledger.erased(DISTRICT)).toEqual(new Set());
});

it('the erased of a district are those on the list of the roster, and of no other district', async () => {
  await connection.query(`create schema roster;
    create view roster.erased (district_id, entity_type, record_hash) as
    values ('${DISTRICT}', 'users', '\\x00ff'::bytea), ('${DISTRICT}', 'enrollments', '\\x0a'::bytea),
      ('d-2', 'users', '\\x0b'::bytea)`);
  for (const ledger of ledgers)
    expect(await ledger.erased(DISTRICT)).toEqual(new Set(['users/00ff', 'enrollments/0a']));
});

it('a list that may not be read is an error, and never nobody', async () => {
  await connection.query('drop view roster.erased; create view roster.erased as select 1 / 0 as district_id');
  for (const ledger of ledgers) await expect(ledger.erased(DISTRICT)).rejects.toThrow();
});
