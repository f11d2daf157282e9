import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { DistrictLedger, LedgerConnection } from '#ledger';
import {
  dropNamespace,
  scratchNamespace,
  serverUrl,
} from '../../apps/persister/src/roster-store/scratch-roster.js';
import { namespaceUrl } from '../../apps/persister/src/roster-store/migrate.js';
import { DistrictBusyError, QuietLostError, whileQuiet } from './quiet-district.js';

describe('a district that is kept quiet', () => {
  const namespace = scratchNamespace();
  const url = namespaceUrl(serverUrl(), namespace);
  const ledger = new LedgerConnection(serverUrl(), namespace);
  let admin: pg.Client;
  beforeAll(async () => {
    await ledger.migrate();
    const listed = { name: 'd', readyStamp: null, suspended: null };
    await new DistrictLedger(ledger).note([{ districtId: 'd', ...listed }]);
    admin = new pg.Client({ connectionString: url });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await ledger.close();
    await dropNamespace(namespace);
  });

  const others = `datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`;
  const lockIsHeld = async (): Promise<boolean> => {
    const { rows } = await admin.query('select from ledger.districts for update skip locked');
    return rows.length === 0;
  };

  it('is so for as long as it takes, however soon the server ends who stands still', async () => {
    await admin.query(`alter database ${namespace} set idle_in_transaction_session_timeout = '1ms'`);
    try {
      await whileQuiet(url, 'd', async () => {
        for (let look = 0; look < 20; look += 1) expect(await lockIsHeld()).toBe(true);
      });
    } finally {
      await admin.query(`alter database ${namespace} reset idle_in_transaction_session_timeout`);
    }
    expect(await lockIsHeld()).toBe(false);
  });

  it('is busy where somebody else keeps its row for too long', async () => {
    await admin.query('begin; select from ledger.districts for update');
    const acting = whileQuiet(url, 'd', async () => undefined, '1ms');
    await expect(acting).rejects.toBeInstanceOf(DistrictBusyError);
    await admin.query('rollback');
  });

  it('is not any more where its connection is lost, and whoever removes is told before the next step', async () => {
    const done: string[] = [];
    const acting = whileQuiet(url, 'd', async ({ confirmQuiet }) => {
      await confirmQuiet();
      done.push('the first step');
      await admin.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${others}`);
      await confirmQuiet();
      done.push('the second step');
    });
    await expect(acting).rejects.toBeInstanceOf(QuietLostError);
    expect(done).toEqual(['the first step']);
  });

  it('is told as lost also where nothing was left to be removed', async () => {
    const acting = whileQuiet(url, 'd', async () => {
      await admin.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where ${others}`);
    });
    await expect(acting).rejects.toThrow('d: the connection that kept its runs from being opened was lost');
  });

  it('has the time of its last run also where the database writes dates in another way', async () => {
    await admin.query(`insert into ledger.runs (district_id, generation, state, cause, attempt, failures, dry_run,
      retries, epochs, refresh, opened_at, state_at, persisted_at)
      values ('d', 5, 'completed', 'asked', 1, 0, false, 'scheduled', '{}', '{}', '2026-03-04T05:06:07Z', now(), now())`);
    await admin.query(`alter database ${namespace} set datestyle to 'SQL, DMY'`);
    try {
      const { completed } = await whileQuiet(url, 'd', (district) => Promise.resolve(district));
      expect(completed).toEqual({ generation: 5, time: '2026-03-04T05:06:07.000Z' });
    } finally {
      await admin.query(`alter database ${namespace} reset datestyle`);
    }
  });
});
