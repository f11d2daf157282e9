import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Relay } from '../../service/test/relay.js';
import { ScratchLedger } from '../test/scratch-ledger.js';
import { LedgerConnection } from './ledger-connection.js';
import { isTransientLedgerError } from './transient.js';

const ANSWERS_WITHIN_MS = 300;

describe('the connection to the ledger', () => {
  const scratch = new ScratchLedger('ledger_connection');
  let relay: Relay;
  let connection: LedgerConnection;
  beforeAll(async () => {
    await scratch.connection.migrate();
    const through = await Relay.before(scratch.url);
    relay = through.relay;
    connection = new LedgerConnection(through.url, undefined, ANSWERS_WITHIN_MS);
  });
  afterAll(async () => {
    await connection.close();
    await relay.close();
    await scratch.drop();
  });

  it('ends a statement whose answer never comes, as an error that passes, and goes on with another connection', async () => {
    await connection.query('select 1');
    relay.silence();
    const error = await connection.query('select 1').then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(isTransientLedgerError(error)).toBe(true);
    expect((await connection.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('reads times the same where the database writes them in another way', async () => {
    const [{ name } = { name: '' }] = (
      await connection.query<{ name: string }>('select quote_ident(current_database()) as name')
    ).rows;
    await connection.query(`alter database ${name} set datestyle to 'SQL, DMY'`);
    const own = new LedgerConnection(scratch.url);
    const text = `select timestamptz '2026-03-04T05:06:07Z' as at`;
    expect((await own.query(text)).rows).toEqual([{ at: new Date('2026-03-04T05:06:07Z') }]);
    await own.close();
    await connection.query(`alter database ${name} reset datestyle`);
  });

  it('ends a transaction whose answer never comes, and goes on with another connection', async () => {
    const transaction = connection.transaction(async (statements) => {
      await statements.query('select 1');
      relay.silence();
      await statements.query('select 1');
    });
    await expect(transaction).rejects.toThrow('Query read timeout');
    expect((await connection.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('ends a transaction whose process stands still, as an error that passes, so that nobody waits for what it holds', async () => {
    await scratch.connection.query('create table ledger.held (id integer primary key)');
    const own = new LedgerConnection(scratch.url, undefined, undefined, 200);
    const insert = 'insert into ledger.held values (1)';
    const error = await own
      .transaction(async (statements) => {
        await statements.query(insert);
        await scratch.connection.query(insert);
        await statements.query('select 1');
      })
      .then(
        () => null,
        (reason: unknown) => reason,
      );
    expect(isTransientLedgerError(error)).toBe(true);
    expect((await own.query('select id from ledger.held')).rows).toEqual([{ id: 1 }]);
    await own.close();
  });
});
