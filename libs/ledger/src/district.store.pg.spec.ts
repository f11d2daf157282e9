import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DISTRICT, ScratchLedger, WISH } from '../test/scratch-ledger.js';
import { DistrictLedger } from './district.store.js';
import { LedgerConnection } from './ledger-connection.js';
import { OpeningLedger } from './opening.store.js';

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
    expect(await districts.note([listed(DISTRICT), listed('d-2')])).toEqual(['d-2']);
    expect(await districts.note([listed(DISTRICT), listed('d-2')])).toEqual([]);
    expect(await districts.note([listed(DISTRICT, { suspended: 'ended' }), listed('d-2')])).toEqual([
      DISTRICT,
    ]);
    expect(await scratch.count(`districts where state = 'suspended' and reason = 'ended'`)).toBe(1);
  });

  it('suspends what is gone from it, takes its wish, and keeps its runs', async () => {
    await new OpeningLedger(scratch.connection).want(WISH);
    await scratch.put(7, 'completed');
    expect(await districts.note([])).toEqual([DISTRICT]);
    expect(await scratch.count(`districts where reason = 'gone from Discovery'`)).toBe(1);
    expect([await scratch.count('wishes'), await scratch.count('runs')]).toEqual([0, 1]);
    expect(await districts.note([listed(DISTRICT)])).toEqual([DISTRICT]);
    expect(await scratch.count(`districts where state = 'active' and reason is null`)).toBe(1);
  });

  it('keeps the reason of what was suspended before, the wishes of others, and the last stamp known', async () => {
    const openings = new OpeningLedger(scratch.connection);
    await districts.note([listed(DISTRICT), listed('d-2'), listed('d-3', { suspended: 'ended' })]);
    await openings.want(WISH);
    await openings.want({ ...WISH, districtId: 'd-2' });
    expect(await districts.note([listed(DISTRICT)])).toEqual(['d-2']);
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
