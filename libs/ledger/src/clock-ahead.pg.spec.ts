/* What was noted while Postgres' clock was ahead must not hold up anything for as long as it was. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, DISTRICT, ScratchLedger, WISH } from '../test/scratch-ledger.js';
import { ConfirmingLedger } from './confirming.store.js';
import { LedgerViews } from './ledger-view.store.js';
import { LONGEST_LEASE_MS } from './longest-lease.js';
import { OpeningLedger } from './opening.store.js';
import { ReadingLedger } from './reading.store.js';
import { ReportLedger } from './reports.store.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('clock_ahead');
const { connection } = scratch;
const views = new LedgerViews(connection);
const DAYS_AHEAD = new Date(Date.now() + 7 * 86_400_000);
const LEASE_MS = 15_000;

beforeAll(() => connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('noted while the clock was days ahead,', () => {
  it('the lease of a coordinator that is gone is taken by another', async () => {
    await views.holdLease('gone', LEASE_MS);
    expect(await views.holdLease('another', LEASE_MS)).toBe('elsewhere');
    await connection.query('update ledger.leases set until = $1', [DAYS_AHEAD]);
    expect(await views.holdLease('another', LEASE_MS)).toBe('taken');
  });

  it('no lease of today is thought to be, not even the longest that a setting allows', async () => {
    await views.holdLease('here', LONGEST_LEASE_MS);
    expect(await views.holdLease('another', LONGEST_LEASE_MS)).toBe('elsewhere');
  });

  it('the lease of a fetcher that is gone is past, and its place is free', async () => {
    const run = await scratch.put(7, 'reading', { lease_owner: 'gone', lease_until: DAYS_AHEAD });
    const [shown] = (await views.load(Date.now())).runs;
    expect(shown).toMatchObject({ leaseLost: true, leaseHeld: false });
    await scratch.connection.query(`insert into ledger.districts (district_id, name, state)
      values ('d-2', 'd-2', 'active')`);
    await scratch.put(8, 'opened', { district_id: 'd-2' });
    expect(await new ReadingLedger(connection).claim('another', LEASE_MS, 1)).toMatchObject({
      districtId: 'd-2',
    });
    expect(await new SettlementLedger(connection).abortLostLease(run, 'lost', null, AT)).toBe(true);
  });

  it('the lease of a fetcher that goes on is renewed', async () => {
    const run = await scratch.put(7, 'reading', { lease_owner: 'here', lease_until: DAYS_AHEAD });
    expect(await new ReadingLedger(connection).renew(run, 'here', LEASE_MS)).toBe(true);
    const [shown] = (await views.load(Date.now())).runs;
    expect(shown).toMatchObject({ leaseLost: false, leaseHeld: true });
  });

  it('a run that is to be confirmed is claimed by another', async () => {
    await scratch.put(7, 'confirming', { lease_owner: 'gone', lease_until: DAYS_AHEAD });
    const claimed = await new ConfirmingLedger(connection).claim('another', LEASE_MS);
    expect(claimed).toMatchObject({ generation: 7 });
  });

  it('a state, a marker, an ASK and a report count as long ago', async () => {
    await scratch.put(7, 'applying', { state_at: DAYS_AHEAD, marker_at: DAYS_AHEAD });
    await new OpeningLedger(connection).want(WISH);
    await new OpeningLedger(connection).ask('nonce', [DISTRICT], DAYS_AHEAD.getTime());
    const reports = new ReportLedger(connection);
    await reports.record([{ kind: 'rebuilding', partition: 0, epoch: 2 }], DAYS_AHEAD.getTime());
    const { runs, askings, partitions } = await views.load(Date.now());
    expect(runs[0]).toMatchObject({ stateAt: 0, markerAt: 0 });
    expect(askings[0]).toMatchObject({ askedAt: 0, askedAgainAt: 0 });
    expect(partitions[0]).toMatchObject({ heardAt: 0, rebuildingAt: 0 });
  });

  it('a report gives way to the next one', async () => {
    const reports = new ReportLedger(connection);
    const now = Date.now();
    for (const at of [DAYS_AHEAD.getTime(), now])
      await reports.record([{ kind: 'rebuilding', partition: 0, epoch: 2 }], at);
    expect((await views.load(now)).partitions[0]).toMatchObject({ heardAt: now });
  });

  it('a wish is due, and one with a pause is not', async () => {
    const openings = new OpeningLedger(connection);
    const now = Date.now();
    await openings.want({ ...WISH, dueAt: now + 86_400_000 });
    expect((await views.load(now)).due).toEqual([]);
    await openings.wantNow({ ...WISH, dueAt: DAYS_AHEAD.getTime() });
    expect((await views.load(now)).due).toMatchObject([{ districtId: DISTRICT }]);
  });
});
