import { describe, expect, it } from '@jest/globals';
import type { RunKey } from '#contracts';
import {
  AT,
  CLOSED,
  CONFIRMED,
  DISTRICT,
  LEASE_MS,
  NOW,
  OPEN,
  PLAN,
  READING,
  VETOED,
  type LedgerUnderContract,
  type MakeLedger,
  type RunChanges,
} from './ledger-under-contract.js';

type Write = (of: LedgerUnderContract, run: RunKey, owner: string) => Promise<boolean>;

const WRITES: Readonly<Record<string, Write>> = {
  renew: ({ confirming }, run, owner) => confirming.renew(run, owner, LEASE_MS),
  finish: ({ confirming }, run, owner) => confirming.finish(run, owner, CONFIRMED),
  fail: ({ confirming }, run, owner) => confirming.fail(run, owner, 'refused', 'none'),
};
const HELD = { leaseOwner: 'a', leaseLeftMs: 3_600_000 };
const FAILED = { readFailure: { reason: 'refused', retry: 'none' } } as const;

/** What a fetcher may do to a run that is to be confirmed: only under its own lease, and until it found something. */
export function contractOfConfirming(make: MakeLedger): void {
  describe('claiming what is to be confirmed', () => {
    it('takes a run under a lease, once, with whom to ask for', async () => {
      const of = await make();
      const run = await of.put(7, 'confirming', { reading: READING });
      const claims = await Promise.all(['a', 'b', 'c'].map((owner) => of.confirming.claim(owner, LEASE_MS)));
      expect(claims.filter((claim) => claim !== null)).toEqual([
        { ...run, absent: PLAN.absent, known: { users: 'u-0' }, version: null },
      ]);
      expect((await of.find(run)).state).toBe('confirming');
    });

    it('tells which OneRoster version its snapshot was read with', async () => {
      const of = await make();
      await of.put(7, 'confirming', { reading: { ...READING, version: '1.2' } });
      expect(await of.confirming.claim('a', LEASE_MS)).toMatchObject({ version: '1.2' });
    });

    it('takes the run that has waited longest', async () => {
      const of = await make();
      await of.addDistrict('d-0');
      await of.put(7, 'confirming', { stateAt: AT + 1, districtId: 'd-0' });
      const first = await of.put(7, 'confirming');
      expect(await of.confirming.claim('a', LEASE_MS)).toMatchObject(first);
    });

    it('takes a run again whose lease is past, and none whose lease lasts', async () => {
      const of = await make();
      const run = await of.put(7, 'confirming', { ...HELD, leaseLeftMs: -1 });
      expect(await of.confirming.claim('b', LEASE_MS)).toMatchObject(run);
      expect(await of.confirming.claim('c', LEASE_MS)).toBeNull();
      expect(await of.confirming.finish(run, 'a', CONFIRMED)).toBe(false);
      expect(await of.confirming.finish(run, 'b', CONFIRMED)).toBe(true);
    });

    it('takes a run at once that came there from its reader', async () => {
      const of = await make();
      const run = await of.put(7, 'planned', HELD);
      await of.settlement.confirm(run, NOW);
      expect((await of.views.load(AT)).runs[0]?.leaseHeld).toBe(false);
      expect(await of.confirming.claim('b', LEASE_MS)).toMatchObject(run);
      expect((await of.views.load(AT)).runs[0]?.leaseHeld).toBe(true);
    });

    it.each<[string, RunChanges]>([
      ['was confirmed', { confirmation: CONFIRMED }],
      ['was vetoed', { confirmation: VETOED }],
      ['failed', FAILED],
    ])('leaves a run that %s', async (_, changes) => {
      const of = await make();
      const run = await of.put(7, 'confirming', changes);
      const before = await of.dump(run);
      expect(await of.confirming.claim('a', LEASE_MS)).toBeNull();
      expect(await of.dump(run)).toBe(before);
    });

    it.each([...OPEN, ...CLOSED].filter((state) => state !== 'confirming'))(
      'leaves a run that is %s',
      async (state) => {
        const of = await make();
        const run = await of.put(7, state);
        const before = await of.dump(run);
        expect(await of.confirming.claim('a', LEASE_MS)).toBeNull();
        expect(await of.dump(run)).toBe(before);
      },
    );
  });

  describe.each(Object.entries(WRITES))('of a run to be confirmed, to %s', (_, write) => {
    it('takes place for the owner of a lease that lasts', async () => {
      const of = await make();
      expect(await write(of, await of.put(7, 'confirming', HELD), 'a')).toBe(true);
    });

    it.each<[string, RunChanges, number, string]>([
      ['another owner', HELD, 7, 'b'],
      ['another generation', HELD, 8, 'a'],
      ['a lease that is past', { ...HELD, leaseLeftMs: -1 }, 7, 'a'],
      ['a run that was confirmed', { ...HELD, confirmation: CONFIRMED }, 7, 'a'],
      ['a run that failed', { ...HELD, ...FAILED }, 7, 'a'],
    ])('is void for %s', async (_name, changes, generation, owner) => {
      const of = await make();
      const run = await of.put(7, 'confirming', changes);
      const before = await of.dump(run);
      expect(await write(of, { districtId: DISTRICT, generation }, owner)).toBe(false);
      expect(await write(of, { districtId: 'd-2', generation: 7 }, owner)).toBe(false);
      expect(await of.dump(run)).toBe(before);
    });

    it.each([...OPEN, ...CLOSED].filter((state) => state !== 'confirming'))(
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

  describe('a confirmation', () => {
    it('is seen with its run, and why the run failed too', async () => {
      const of = await make();
      const run = await of.put(7, 'confirming', HELD);
      await of.confirming.finish(run, 'a', VETOED);
      expect((await of.views.load(AT)).runs[0]).toMatchObject({ confirmation: VETOED, readFailure: null });
      const other = await make();
      await other.confirming.fail(await other.put(7, 'confirming', HELD), 'a', 'refused', 'none');
      expect((await other.views.load(AT)).runs[0]).toMatchObject({ confirmation: null, ...FAILED });
    });

    it('whose lease was given up is claimed again at once', async () => {
      const of = await make();
      const run = await of.put(7, 'confirming', HELD);
      expect(await of.confirming.renew(run, 'a', 0)).toBe(true);
      expect((await of.views.load(AT)).runs[0]?.leaseHeld).toBe(false);
      expect(await of.confirming.claim('b', LEASE_MS)).toMatchObject(run);
    });

    it('is kept with a plan in which nobody is absent', async () => {
      const of = await make();
      const run = await of.put(7, 'read');
      await of.settlement.plan(
        run,
        { plan: PLAN, findings: [], hold: null, confirmation: CONFIRMED },
        {},
        NOW,
      );
      expect(await of.find(run)).toMatchObject({ state: 'planned', confirmation: CONFIRMED });
    });

    it('that vetoes adds its sentence to why the run is held', async () => {
      const of = await make();
      const run = await of.put(7, 'confirming', { confirmation: VETOED });
      const finding = { rule: 'proof', entityType: null, numbers: {}, effect: 'sweep' } as const;
      await of.settlement.veto(run, { ...finding, sentence: 'One is still there.' }, NOW);
      expect((await of.views.load(AT)).runs[0]).toMatchObject({ hold: 'sweep', why: 'One is still there.' });
    });
  });
}
