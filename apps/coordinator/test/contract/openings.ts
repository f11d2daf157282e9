import { describe, expect, it } from '@jest/globals';
import {
  AT,
  CLOSED,
  DIGEST,
  DISTRICT,
  NOW,
  OPEN,
  SECONDS,
  WISH,
  type MakeLedger,
} from './ledger-under-contract.js';
import { EPOCHS, open, wished } from './wished.js';

/** From a wish to an opened run. */
export function contractOfOpenings(make: MakeLedger): void {
  describe('a run', () => {
    it('is opened once for a wish, with the epochs answered', async () => {
      const of = await make();
      await wished(of);
      expect(await open(of)).toBe(SECONDS);
      expect(await of.wishes()).toEqual([]);
      expect(await open(of)).toBeNull();
      const run = { districtId: DISTRICT, generation: SECONDS };
      expect(await of.find(run)).toMatchObject({ state: 'opened', epochs: EPOCHS, refresh: [] });
      expect(await of.moments()).toEqual(['opened']);
    });

    it('has a generation above the last, also when the clock went back', async () => {
      const of = await make();
      await of.setLastGeneration(SECONDS + 50);
      await wished(of);
      expect(await open(of)).toBe(SECONDS + 51);
    });

    it('has a generation no lower than the clock, also when the ledger was restored from an old copy', async () => {
      const of = await make();
      await of.setLastGeneration(3);
      await wished(of);
      expect(await open(of)).toBe(SECONDS);
    });

    it.each(OPEN.filter((state) => state !== 'held'))('is not opened while another is %s', async (state) => {
      const of = await make();
      const other = await of.put(7, state);
      const before = await of.dump(other);
      await wished(of);
      expect(await open(of)).toBeNull();
      expect(await of.dump(other)).toBe(before);
      expect(await of.wishes()).toHaveLength(1);
      expect((await of.views.load(NOW)).due).toEqual([]);
    });

    it.each(CLOSED)('is opened after one that is %s, which stays as it is', async (state) => {
      const of = await make();
      const other = await of.put(7, state);
      const before = await of.dump(other);
      await wished(of);
      expect(await open(of)).toBe(SECONDS);
      expect(await of.dump(other)).toBe(before);
    });

    it('closes an undecided held one as superseded', async () => {
      const of = await make();
      const held = await of.put(7, 'held', { hold: 'sweep' });
      await wished(of);
      expect(await open(of)).toBe(SECONDS);
      expect(await of.find(held)).toMatchObject({ state: 'superseded', hold: null, markerAt: null });
      expect(await of.moments()).toEqual(['superseded', 'opened']);
    });

    it('and an approval of the held one never both win', async () => {
      for (let n = 0; n < 5; n += 1) {
        const of = await make();
        const held = await of.put(7, 'held', { hold: 'sweep' });
        await wished(of);
        const [generation, isApproved] = await Promise.all([
          open(of),
          of.settlement.approve(held, DIGEST, 'who', 'why', AT),
        ]);
        expect([generation !== null, isApproved].filter(Boolean)).toHaveLength(1);
        expect((await of.find(held)).state).toBe(isApproved ? 'sweeping' : 'superseded');
      }
    });

    it('is not opened for a suspended district, and its wish is gone', async () => {
      const of = await make();
      await wished(of);
      await of.suspend(DISTRICT, 'expired');
      expect(await open(of)).toBeNull();
      expect(await of.wishes()).toEqual([]);
      expect(await of.openings.want(WISH)).toBe(false);
    });

    it('is not opened for a district that was suspended while its wish was taken up', async () => {
      const of = await make();
      await wished(of);
      await of.suspendAlone(DISTRICT);
      expect(await open(of)).toBeNull();
      expect((await of.wishes()).length).toBe(1);
    });

    it('is not opened for another ASK than its wish waits on', async () => {
      const of = await make();
      await wished(of);
      expect(await open(of, 'an older nonce')).toBeNull();
      expect(await of.wishes()).toHaveLength(1);
    });

    it('carries what is due to be sent again', async () => {
      const of = await make();
      await of.putRefresh('users', 3);
      await wished(of);
      await open(of);
      const run = { districtId: DISTRICT, generation: SECONDS };
      expect((await of.find(run)).refresh).toEqual(['users']);
      expect(await of.refreshes()).toEqual({ users: 3 });
    });
  });
}
