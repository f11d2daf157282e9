import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CLOSED, DISTRICT, ScratchLedger, STATES } from '../test/scratch-ledger.js';
import { ReadingLedger } from './reading.store.js';
import type { Reading } from './readings.js';

const scratch = new ScratchLedger('reading');
const ledger = new ReadingLedger(scratch.connection);
const LEASE_MS = 60_000;
const READING: Reading = {
  proof: [{ point: 1, state: 'proven', finding: 'the stamp stayed' }],
  rows: { users: 3 },
  unreadable: {},
  quarantined: {},
  notGranted: [],
  references: { classes: { checked: 9, outside: 1 } },
};

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

describe('claiming', () => {
  it('takes an opened run under a lease, once', async () => {
    const run = await scratch.put(7, 'opened', { attempt: 2, refresh: ['users'] });
    const claims = await Promise.all(['a', 'b', 'c'].map((owner) => ledger.claim(owner, LEASE_MS)));
    expect(claims.filter((claim) => claim !== null)).toEqual([
      { ...run, openedAt: '2026-03-10T12:00:00.000Z', refresh: ['users'], attempt: 2, dryRun: false },
    ]);
    expect(await scratch.of(run, 'state')).toBe('reading');
  });

  it.each([...STATES, ...CLOSED].filter((state) => state !== 'opened'))(
    'leaves a run that is %s',
    async (state) => {
      await scratch.put(7, state);
      expect(await ledger.claim('a', LEASE_MS)).toBeNull();
    },
  );
});

const WRITES = {
  renew: (owner: string, generation = 7) =>
    ledger.renew({ districtId: DISTRICT, generation }, owner, LEASE_MS),
  finish: (owner: string, generation = 7) =>
    ledger.finish({ districtId: DISTRICT, generation }, owner, READING),
  fail: (owner: string, generation = 7) =>
    ledger.fail({ districtId: DISTRICT, generation }, owner, 'status 500', 'source'),
};

describe.each(Object.entries(WRITES))('to %s', (_, write) => {
  const reading = { lease_owner: 'a', lease_until: new Date(Date.now() + 3_600_000) };

  it('takes place for the owner of a lease that lasts', async () => {
    await scratch.put(7, 'reading', reading);
    expect(await write('a')).toBe(true);
  });

  it('is void for another owner, another run, or a lease that is past', async () => {
    await scratch.put(7, 'reading', reading);
    expect(await write('b')).toBe(false);
    expect(await write('a', 8)).toBe(false);
    await scratch.connection.query('update ledger.runs set lease_until = now()');
    expect(await write('a')).toBe(false);
  });

  it('is void once the run is not being read any more', async () => {
    for (const state of [...STATES, ...CLOSED].filter((other) => other !== 'reading')) {
      await scratch.reset();
      await scratch.put(7, state, reading);
      expect([state, await write('a')]).toEqual([state, false]);
    }
  });
});

describe('a reading', () => {
  it('that was noted as failed cannot be finished', async () => {
    const run = await scratch.put(7, 'opened');
    await ledger.claim('a', LEASE_MS);
    await ledger.fail(run, 'a', 'status 500', 'source');
    expect(await ledger.finish(run, 'a', READING)).toBe(false);
    expect(await scratch.of(run, 'read_failure')).toEqual({ reason: 'status 500', retry: 'source' });
  });

  it('is compared with the last completed one, not with others', async () => {
    expect(await ledger.lastReferences(DISTRICT)).toBeNull();
    const shares = (outside: number) => ({ reading: { references: { classes: { checked: 9, outside } } } });
    await scratch.put(5, 'completed', shares(1));
    await scratch.put(6, 'completed', shares(2));
    await scratch.put(7, 'aborted', shares(3));
    expect(await ledger.lastReferences(DISTRICT)).toEqual({ classes: { checked: 9, outside: 2 } });
  });
});
