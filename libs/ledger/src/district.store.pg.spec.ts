import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AT, DISTRICT, ScratchLedger, WISH } from '../test/scratch-ledger.js';
import { DistrictLedger } from './district.store.js';
import { LedgerConnection } from './ledger-connection.js';
import { OpeningLedger } from './opening.store.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('district');
const districts = new DistrictLedger(scratch.connection);
const listed = (districtId: string, changes = {}) => ({
  ...{ districtId, name: districtId, readyStamp: null, suspended: null },
  ...changes,
});

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('what Discovery lists', () => {
  it('appears once, and tells which districts changed their state', async () => {
    const active = { state: 'active', reason: null };
    expect(await districts.note([listed(DISTRICT), listed('d-2')])).toEqual([
      { districtId: 'd-2', ...active },
    ]);
    expect(await districts.note([listed(DISTRICT), listed('d-2')])).toEqual([]);
    expect(await districts.note([listed(DISTRICT, { suspended: 'ended' }), listed('d-2')])).toEqual([
      { districtId: DISTRICT, state: 'suspended', reason: 'ended' },
    ]);
    expect(await scratch.count(`districts where state = 'suspended' and reason = 'ended'`)).toBe(1);
  });

  it('suspends what is gone from it, takes its wish, and keeps its runs', async () => {
    await new OpeningLedger(scratch.connection).want(WISH);
    await scratch.put(7, 'completed');
    const gone = { districtId: DISTRICT, state: 'suspended', reason: 'gone from Discovery' };
    expect(await districts.note([])).toEqual([gone]);
    expect(await scratch.count(`districts where reason = 'gone from Discovery'`)).toBe(1);
    expect([await scratch.count('wishes'), await scratch.count('runs')]).toEqual([0, 1]);
    expect(await districts.note([listed(DISTRICT)])).toEqual([
      { districtId: DISTRICT, state: 'active', reason: null },
    ]);
    expect(await scratch.count(`districts where state = 'active' and reason is null`)).toBe(1);
  });

  it('leaves as it is a district of which nobody can say whether it is gone, and its wish', async () => {
    await districts.note([listed(DISTRICT), listed('d-2')]);
    await new OpeningLedger(scratch.connection).want(WISH);
    expect(await districts.note([], [DISTRICT])).toEqual([
      { districtId: 'd-2', state: 'suspended', reason: 'gone from Discovery' },
    ]);
    expect(await districts.note([listed('d-2')], 'all')).toEqual([
      { districtId: 'd-2', state: 'active', reason: null },
    ]);
    expect(await scratch.count(`districts where state = 'active'`)).toBe(2);
    expect(await scratch.count('wishes')).toBe(1);
  });

  it('keeps the reason of what was suspended before, the wishes of others, and the last stamp known', async () => {
    const openings = new OpeningLedger(scratch.connection);
    await districts.note([listed(DISTRICT), listed('d-2'), listed('d-3', { suspended: 'ended' })]);
    await openings.want(WISH);
    await openings.want({ ...WISH, districtId: 'd-2' });
    expect((await districts.note([listed(DISTRICT)])).map(({ districtId }) => districtId)).toEqual(['d-2']);
    expect(await scratch.count(`districts where district_id = 'd-3' and reason = 'ended'`)).toBe(1);
    expect(await scratch.count(`wishes where district_id = '${DISTRICT}'`)).toBe(1);
    expect(await scratch.count('wishes')).toBe(1);
    expect(await scratch.count(`districts where ready_stamp = 'S-1'`)).toBe(1);
  });

  it('is on the schedule unless suspended or already wished for', async () => {
    await districts.note([listed(DISTRICT), listed('d-2'), listed('d-3', { suspended: 'ended' })]);
    await new OpeningLedger(scratch.connection).want(WISH);
    expect((await districts.scheduled()).map(({ districtId }) => districtId)).toEqual(['d-2']);
  });

  it.each(['opened', 'reading', 'read', 'planned', 'confirming', 'applying', 'sweeping'] as const)(
    'is not on the schedule while a run of it is %s: the pause that may follow is not to be cut short',
    async (state) => {
      await districts.note([listed(DISTRICT), listed('d-2')]);
      await scratch.put(7, state);
      expect((await districts.scheduled()).map(({ districtId }) => districtId)).toEqual(['d-2']);
    },
  );

  it.each(['held', 'completed', 'aborted'] as const)(
    'is on the schedule while its last run is %s',
    async (state) => {
      await scratch.put(7, state);
      expect(await districts.scheduled()).toHaveLength(1);
    },
  );

  it("is looked at by the ledger's own clock, which is past every time that it told", async () => {
    await scratch.connection.query(
      'update ledger.districts set pulled_at = clock_timestamp(), completed_at = clock_timestamp()',
    );
    const [scheduled] = await districts.scheduled();
    const [known] = await districts.known();
    expect(scheduled?.now).toBeGreaterThanOrEqual(scheduled?.pulledAt ?? Infinity);
    expect(known?.now).toBeGreaterThanOrEqual(known?.completedAt ?? Infinity);
  });
});

describe('a district that was suspended and comes back', () => {
  const of = async <T>(column: string): Promise<T> => {
    const { rows } = await scratch.connection.query<{ found: T }>(
      `select ${column} as found from ledger.districts where district_id = $1`,
      [DISTRICT],
    );
    return rows[0]?.found as T;
  };

  const back = async (before: string, suspended: string): Promise<number> => {
    await scratch.connection.query(`update ledger.districts set ${before}`);
    await districts.note([]);
    await scratch.connection.query(`update ledger.districts set ${suspended}`);
    await districts.note([listed(DISTRICT)]);
    return Math.round(Number(await of('extract(epoch from now() - active_since) / 3600')));
  };

  it('is due at once, as if never pulled', async () => {
    await scratch.connection.query('update ledger.districts set pulled_at = now()');
    await districts.note([listed(DISTRICT)]);
    expect(await of('pulled_at is null')).toBe(false);
    await back('pulled_at = now()', 'suspended_since = now()');
    expect(await of('pulled_at is null')).toBe(true);
  });

  it('has aged by the time before it was suspended, so that one that comes and goes is late in the end', async () => {
    const first = `active_since = now() - interval '900 hours', completed_at = now() - interval '800 hours'`;
    expect(await back(first, `suspended_since = now() - interval '700 hours'`)).toBe(100);
    expect(await back(`suspended_since = null`, `suspended_since = now() - interval '1 hours'`)).toBe(99);
  });

  it('ages from the end of its last run, and not from one that a clock ahead noted', async () => {
    const since = `active_since = now() - interval '900 hours', completed_at = now() + interval '5 hours'`;
    expect(await back(since, `suspended_since = now() - interval '890 hours'`)).toBe(10);
  });

  it('ages anew where it is not known since when it was suspended', async () => {
    const since = `active_since = now() - interval '900 hours'`;
    expect(await back(since, 'suspended_since = null')).toBe(0);
  });

  it('is told of at each change, and at no look in between', async () => {
    for (const found of [[], [], [listed(DISTRICT)], [listed(DISTRICT)]]) await districts.note(found);
    expect(await scratch.moments()).toEqual(['active', 'suspended', 'active']);
  });
});

describe('a late district', () => {
  const late = (completedAt: number | null = null) =>
    districts.noteLate([{ districtId: DISTRICT, completedAt, reason: 'no run' }], AT);
  const isLate = async (): Promise<boolean> =>
    (await scratch.count('districts where late_since is not null')) > 0;

  it('is told once, not at every look', async () => {
    expect(await late()).toEqual([{ districtId: DISTRICT, completedAt: null, reason: 'no run' }]);
    expect(await late()).toEqual([]);
    expect(await scratch.moments()).toEqual(['active', 'late']);
  });

  it('is late no more once a run is completed, and may become so again', async () => {
    await late();
    const run = await scratch.put(7, 'sweeping');
    await new SettlementLedger(scratch.connection).complete(run, [], AT + 5);
    expect(await isLate()).toBe(false);
    const times = { activeSince: expect.any(Number), completedAt: AT + 5, now: expect.any(Number) };
    expect(await districts.known()).toEqual([
      { districtId: DISTRICT, state: 'active', settings: {}, ...times },
    ]);
    expect(await late()).toEqual([]); // as of before that run
    expect(await late(AT + 5)).toHaveLength(1);
  });

  it('is none while it is suspended', async () => {
    await late();
    await districts.note([]);
    expect(await isLate()).toBe(false);
    expect(await late()).toEqual([]);
    expect(await districts.known()).toMatchObject([{ districtId: DISTRICT, state: 'suspended' }]);
    await districts.note([listed(DISTRICT)]);
    expect(await late()).toHaveLength(1);
  });
});

describe('migrations', () => {
  it('can be run again, and by several services at once', async () => {
    const url = process.env['DATABASE_URL'] ?? '';
    const name = `migrations_${process.pid}_${Date.now()}`;
    const services = [1, 2, 3].map(() => new LedgerConnection(url, name));
    await Promise.all(services.map((service) => service.migrate()));
    await services[0]?.migrate();
    await Promise.all(services.map((service) => service.close()));
    const server = new LedgerConnection(url);
    await server.query(`drop database ${name}`);
    await server.close();
  });
});
