import { describe, expect, it } from '@jest/globals';
import {
  AT,
  CLOSED,
  DISTRICT,
  NOW,
  OPEN,
  WISH,
  type LedgerUnderContract,
  type MakeLedger,
} from './ledger-under-contract.js';
import { open, wished } from './wished.js';

/** Wishes for runs, asked for or made for a refresh. */
export function contractOfWishes(make: MakeLedger): void {
  describe('a wish', () => {
    it('is made once, for a district that is known and active', async () => {
      const of = await make();
      expect(await of.openings.want({ ...WISH, districtId: 'unknown' })).toBe(false);
      expect(await of.openings.want(WISH)).toBe(true);
      expect(await of.openings.want({ ...WISH, failures: 3 })).toBe(false);
      expect(await of.wishes()).toEqual([expect.objectContaining({ failures: 0 })]);
    });

    it('is due from its time on, without an ASK, while the district is active', async () => {
      const of = await make();
      await of.openings.want(WISH);
      const due = async (at: number) => (await of.views.load(at)).due.map(({ districtId }) => districtId);
      expect([await due(AT - 1), await due(AT)]).toEqual([[], [DISTRICT]]);
      await of.openings.ask('nonce', [DISTRICT], AT);
      expect(await due(AT)).toEqual([]);
    });

    it.each([...CLOSED, 'held'] as const)('is due while the last run is %s', async (state) => {
      const of = await make();
      await of.put(7, state);
      await of.openings.want(WISH);
      const due = { districtId: DISTRICT, cause: 'asked', retries: 'scheduled', settings: {} };
      expect((await of.views.load(AT)).due).toEqual([due]);
    });

    it('is not due while its district is suspended', async () => {
      const of = await make();
      await of.openings.want(WISH);
      await of.suspendAlone(DISTRICT);
      expect((await of.views.load(AT)).due).toEqual([]);
    });

    it('that waits on an ASK is not given another', async () => {
      const of = await make();
      await wished(of);
      await of.openings.ask('another', [DISTRICT], AT);
      expect(await of.wishes()).toEqual([expect.objectContaining({ nonce: 'nonce' })]);
    });

    it('is asked again, or given up, only under the nonce it waits on', async () => {
      const of = await make();
      await wished(of);
      await of.openings.askedAgain('another', NOW);
      await of.openings.postpone('another', 'trouble', NOW);
      expect(await of.wishes()).toEqual([expect.objectContaining({ nonce: 'nonce', askedAgainAt: AT })]);
      await of.openings.askedAgain('nonce', NOW);
      expect(await of.wishes()).toEqual([expect.objectContaining({ askedAgainAt: NOW })]);
      await of.openings.postpone('nonce', 'no answer', NOW + 60_000);
      const given = { nonce: null, trouble: 'no answer', dueAt: NOW + 60_000 };
      expect(await of.wishes()).toEqual([expect.objectContaining(given)]);
    });
  });

  describe('a wish for a refresh', () => {
    const want = ({ openings }: LedgerUnderContract): Promise<boolean> => openings.wantRefresh(DISTRICT, AT);

    it('is made where a type is due', async () => {
      const of = await make();
      await of.putRefresh('users', 1);
      expect((await of.views.load(AT)).refreshes).toEqual([
        { districtId: DISTRICT, types: ['users'], refreshedAt: null },
      ]);
      expect(await want(of)).toBe(true);
      expect(await of.wishes()).toEqual([expect.objectContaining({ cause: 'refresh', dueAt: AT })]);
      expect((await of.views.load(AT)).refreshes).toEqual([]);
    });

    it('is not made where nothing is due, a wish is there, or the district is suspended', async () => {
      const nothing = await make();
      expect(await want(nothing)).toBe(false);
      const wishes = await make();
      await wishes.putRefresh('users', 1);
      await wishes.openings.want(WISH);
      expect(await want(wishes)).toBe(false);
      const suspended = await make();
      await suspended.putRefresh('users', 1);
      await suspended.suspend(DISTRICT, 'gone');
      expect(await want(suspended)).toBe(false);
      expect((await suspended.views.load(AT)).refreshes).toEqual([]);
    });

    it.each(OPEN)('is not made while a run is %s', async (state) => {
      const of = await make();
      await of.putRefresh('users', 1);
      await of.put(7, state);
      expect(await want(of)).toBe(false);
      expect((await of.views.load(AT)).refreshes).toEqual([]);
    });

    it('knows when a run that carries one was last opened, dry runs aside', async () => {
      const of = await make();
      await wished(of);
      const before = { districtId: DISTRICT, generation: (await open(of)) ?? 0 };
      await of.settlement.abort(before, 'opened', 'why', null, NOW);
      await of.putRefresh('users', 1);
      const refreshedAt = async () => (await of.views.load(AT)).refreshes[0]?.refreshedAt;
      for (const [dryRun, expected] of [
        [true, null],
        [false, AT + 5000],
      ] as const) {
        await wished(of, { dryRun });
        const generation = (await open(of, 'nonce', AT + 5000)) ?? 0;
        await of.settlement.abort({ districtId: DISTRICT, generation }, 'opened', 'why', null, NOW);
        expect(await refreshedAt()).toBe(expected);
      }
    });
  });
}
