import { describe, expect, it } from '@jest/globals';
import type { RunKey } from '#contracts';
import {
  AT,
  CLOSED,
  DISTRICT,
  LEASE_MS,
  OPEN,
  READING,
  type LedgerUnderContract,
  type MakeLedger,
} from './ledger-under-contract.js';

type Write = (of: LedgerUnderContract, run: RunKey, owner: string) => Promise<boolean>;

const WRITES: Readonly<Record<string, Write>> = {
  renew: ({ reading }, run, owner) => reading.renew(run, owner, LEASE_MS),
  finish: ({ reading }, run, owner) => reading.finish(run, owner, READING),
  fail: ({ reading }, run, owner) => reading.fail(run, owner, 'status 500', 'source'),
};
const MANY = 100;
const HELD = { leaseOwner: 'a', leaseLeftMs: 600_000 };

/** What a fetcher may do: only to a run that is being read under its own lease that is not past. */
export function contractOfReading(make: MakeLedger): void {
  describe('claiming', () => {
    it('takes an opened run under a lease, once, with what it carries', async () => {
      const of = await make();
      const run = await of.put(7, 'opened', { refreshAsks: { users: 1 } });
      const claims = await Promise.all(
        ['a', 'b', 'c'].map((owner) => of.reading.claim(owner, LEASE_MS, MANY)),
      );
      expect(claims.filter((claim) => claim !== null)).toEqual([
        {
          ...{ ...run, openedAt: '2026-03-10T12:00:00.000Z', refresh: ['users'], attempt: 1, dryRun: false },
          ...{ allow: null, maskedBefore: null },
        },
      ]);
      expect((await of.find(run)).state).toBe('reading');
    });

    it("carries the district's allow-list as it is then", async () => {
      const of = await make();
      const allow = { types: ['orgs', 'users'], attributes: { users: ['role', 'metadata.x'] } } as const;
      await of.put(7, 'opened');
      await of.configure({ allow, hour: 3 });
      expect(await of.reading.claim('a', LEASE_MS, MANY)).toMatchObject({ allow });
    });

    it('carries how much was masked in the last completed run, not in others', async () => {
      const of = await make();
      const masked = (count: number) => ({
        reading: { ...READING, masked: { users: { records: 9, masked: count } } },
      });
      await of.put(4, 'completed', masked(1));
      await of.put(5, 'completed', masked(2));
      await of.put(6, 'aborted', masked(3));
      await of.put(7, 'opened');
      const maskedBefore = { users: { records: 9, masked: 2 } };
      expect(await of.reading.claim('a', LEASE_MS, MANY)).toMatchObject({ maskedBefore });
    });

    it('takes the run that has waited longest', async () => {
      const of = await make();
      await of.addDistrict('d-0');
      await of.put(7, 'opened', { openedAt: AT + 1, districtId: 'd-0' });
      const first = await of.put(7, 'opened');
      expect(await of.reading.claim('a', LEASE_MS, MANY)).toMatchObject(first);
    });

    it('goes on only while fewer runs than allowed are being read, by all fetchers together', async () => {
      const of = await make();
      await of.addDistrict('d-0');
      await of.put(7, 'reading', { leaseOwner: 'b', leaseLeftMs: 30_000, districtId: 'd-0' });
      const run = await of.put(7, 'opened');
      expect(await of.reading.claim('a', LEASE_MS, 1)).toBeNull();
      expect((await of.find(run)).state).toBe('opened');
      expect(await of.reading.claim('a', LEASE_MS, 2)).toMatchObject(run);
    });

    it('does not count a run whose lease is past, or that was read', async () => {
      const of = await make();
      for (const districtId of ['d-2', 'd-3']) await of.addDistrict(districtId);
      await of.put(7, 'reading', { leaseOwner: 'b', leaseLeftMs: -1, districtId: 'd-2' });
      await of.put(7, 'read', { leaseOwner: 'b', leaseLeftMs: 30_000, districtId: 'd-3' });
      const run = await of.put(7, 'opened');
      expect(await of.reading.claim('a', LEASE_MS, 1)).toMatchObject(run);
    });

    it('keeps to what is allowed however many claim at the same time', async () => {
      const of = await make();
      const ids = ['d-2', 'd-3', 'd-4', 'd-5', 'd-6'];
      for (const districtId of ids) {
        await of.addDistrict(districtId);
        await of.put(7, 'opened', { districtId });
      }
      const claims = await Promise.all(ids.map((owner) => of.reading.claim(owner, LEASE_MS, 2)));
      expect(claims.filter((claim) => claim !== null)).toHaveLength(2);
    });

    it.each([...OPEN, ...CLOSED].filter((state) => state !== 'opened'))(
      'leaves a run that is %s',
      async (state) => {
        const of = await make();
        const run = await of.put(7, state);
        const before = await of.dump(run);
        expect(await of.reading.claim('a', LEASE_MS, MANY)).toBeNull();
        expect(await of.dump(run)).toBe(before);
      },
    );
  });

  describe.each(Object.entries(WRITES))('to %s', (_, write) => {
    it('takes place for the owner of a lease that lasts', async () => {
      const of = await make();
      expect(await write(of, await of.put(7, 'reading', HELD), 'a')).toBe(true);
    });

    it.each([
      ['another owner', HELD, 7, 'b'],
      ['another generation', HELD, 8, 'a'],
      ['a lease that is past', { ...HELD, leaseLeftMs: -1 }, 7, 'a'],
    ] as const)('is void for %s', async (_name, changes, generation, owner) => {
      const of = await make();
      const run = await of.put(7, 'reading', changes);
      const before = await of.dump(run);
      expect(await write(of, { districtId: DISTRICT, generation }, owner)).toBe(false);
      expect(await of.dump(run)).toBe(before);
    });

    it.each([...OPEN, ...CLOSED].filter((state) => state !== 'reading'))(
      'is void for a run that is %s',
      async (state) => {
        const of = await make();
        const run = await of.put(7, state, HELD);
        const before = await of.dump(run);
        expect(await write(of, run, 'a')).toBe(false);
        expect(await of.dump(run)).toBe(before);
      },
    );
  });

  describe('a reading', () => {
    it('that was noted as failed cannot be finished', async () => {
      const of = await make();
      const failed = { readFailure: { reason: 'status 500', retry: 'own' } } as const;
      const run = await of.put(7, 'reading', { ...HELD, ...failed });
      expect(await of.reading.finish(run, 'a', READING)).toBe(false);
      expect(await of.find(run)).toMatchObject({ state: 'reading', ...failed });
    });

    it('renewed keeps its lease from being lost', async () => {
      const of = await make();
      const run = await of.put(7, 'reading', { ...HELD, leaseLeftMs: 30_000 });
      const isLost = async () => (await of.views.load(AT)).runs[0]?.leaseLost;
      expect(await isLost()).toBe(false);
      expect(await of.reading.renew(run, 'a', -1)).toBe(true);
      expect(await isLost()).toBe(true);
      expect(await of.reading.renew(run, 'a', LEASE_MS)).toBe(false);
    });

    it('that is over has no lease to lose', async () => {
      const of = await make();
      await of.put(7, 'read', { leaseOwner: 'a', leaseLeftMs: -1 });
      expect((await of.views.load(AT)).runs[0]?.leaseLost).toBe(false);
    });

    it('is compared with the last completed one, not with others', async () => {
      const of = await make();
      expect(await of.reading.lastReferences(DISTRICT)).toBeNull();
      const shares = (outside: number) => ({
        reading: { ...READING, references: { classes: { checked: 9, outside } } },
      });
      await of.put(5, 'completed', shares(1));
      await of.put(6, 'completed', shares(2));
      await of.put(7, 'aborted', shares(3));
      expect(await of.reading.lastReferences(DISTRICT)).toEqual({ classes: { checked: 9, outside: 2 } });
    });

    it('is of the OneRoster version of the last completed one, or of one that was set', async () => {
      const of = await make();
      expect(await of.reading.knownVersions(DISTRICT)).toEqual({ last: null, confirmed: null });
      await of.put(5, 'completed', { reading: { ...READING, version: '1.2' } });
      await of.put(6, 'completed', { reading: { ...READING, version: '1.1' } });
      await of.put(7, 'aborted', { reading: { ...READING, version: '1.2' } });
      expect(await of.reading.knownVersions(DISTRICT)).toEqual({ last: '1.1', confirmed: null });
      await of.configure({ version: '1.2' });
      expect(await of.reading.knownVersions(DISTRICT)).toEqual({ last: '1.1', confirmed: '1.2' });
      await of.put(8, 'completed', { reading: READING });
      expect((await of.reading.knownVersions(DISTRICT)).last).toBeNull();
    });
  });
}
