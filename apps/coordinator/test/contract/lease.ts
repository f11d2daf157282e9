import { describe, expect, it } from '@jest/globals';
import { LEASE_MS, type MakeLedger } from './ledger-under-contract.js';

/** The place of the active coordinator. */
export function contractOfLease(make: MakeLedger): void {
  describe('the lease of the active coordinator', () => {
    it('is kept by its owner, and taken by another only when it is past', async () => {
      const of = await make();
      const { views } = of;
      expect(await views.holdLease('a', LEASE_MS)).toBe('taken');
      expect(await views.holdLease('a', LEASE_MS)).toBe('kept');
      expect(await views.holdLease('b', LEASE_MS)).toBe('elsewhere');
      await of.expireCoordinatorLease();
      expect(await views.holdLease('b', LEASE_MS)).toBe('taken');
      expect(await views.holdLease('a', LEASE_MS)).toBe('elsewhere');
    });

    it('is given up by its owner only', async () => {
      const { views } = await make();
      await views.holdLease('a', LEASE_MS);
      await views.releaseLease('b');
      expect(await views.holdLease('b', LEASE_MS)).toBe('elsewhere');
      await views.releaseLease('a');
      expect(await views.holdLease('b', LEASE_MS)).toBe('taken');
    });

    it('that is past is still its owner’s if nobody took it', async () => {
      const of = await make();
      const { views } = of;
      await views.holdLease('a', LEASE_MS);
      await of.expireCoordinatorLease();
      expect(await views.holdLease('a', LEASE_MS)).toBe('kept');
    });
  });
}
