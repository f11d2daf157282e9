import { describe, expect, it } from '@jest/globals';
import type { Report } from '#contracts';
import {
  AT,
  CLOSED,
  DISTRICT,
  WISH,
  type LedgerUnderContract,
  type MakeLedger,
} from './ledger-under-contract.js';

const RUN = { districtId: DISTRICT, generation: 7 };
const shadow = (districtId: string): Report => ({ kind: 'shadow', districtId, entityType: 'users' });

const applied = (
  changes: Partial<{ generation: number; partition: number; epoch: number }> = {},
): Report => ({
  ...{ kind: 'applied', ...RUN, partition: 0, epoch: 2, types: {} },
  ...changes,
});
const failed = (reason: string): Report => ({
  ...{ kind: 'failed', ...RUN, partition: 0, epoch: 2, marker: 'end', reason, highestGeneration: 7 },
});
const drift = (generation: number, changes: { survived?: boolean; districtId?: string } = {}): Report => ({
  ...{ kind: 'drift', districtId: DISTRICT, generation, partition: 0, epoch: 2, entityType: 'users' },
  ...{ expected: { active: 1, xor: '0'.repeat(16) }, found: { active: 2, xor: '1'.repeat(16) } },
  ...{ survived: false, ...changes },
});
const passed = (generation: number): Report => ({
  ...{ kind: 'passed', districtId: DISTRICT, generation, partition: 0, epoch: 2, entityType: 'users' },
});

const runOf = async ({ views }: LedgerUnderContract) => (await views.load(AT)).runs[0];
const partition = async ({ views }: LedgerUnderContract) => (await views.load(AT)).partitions[0];

/** What is taken from reports, and what is ignored. */
export function contractOfReports(make: MakeLedger): void {
  describe('an answer of a partition', () => {
    it('is kept once for a run that is not closed and has its epoch', async () => {
      const of = await make();
      await of.put(7, 'applying');
      await of.reports.record([applied(), applied(), applied({ partition: 1 })], AT);
      await of.reports.record([applied()], AT);
      expect((await runOf(of))?.answered).toEqual({ planned: [], applied: [0, 1], swept: [] });
    });

    it.each([
      ['of a lower epoch', applied({ epoch: 1 })],
      ['of a higher epoch', applied({ epoch: 3 })],
      ['of a partition that the run does not know', applied({ partition: 2 })],
      ['of another generation', applied({ generation: 8 })],
    ])('%s is not kept', async (_, report) => {
      const of = await make();
      await of.put(7, 'applying');
      await of.reports.record([report], AT);
      expect((await runOf(of))?.answered.applied).toEqual([]);
    });

    it.each(CLOSED)('is not kept for a run that is %s', async (state) => {
      const of = await make();
      const run = await of.put(7, state);
      const before = await of.dump(run);
      await of.reports.record([applied(), failed('late')], AT);
      expect(await of.dump(run)).toBe(before);
      expect(await of.views.plannedAnswers(run)).toEqual([]);
    });

    it('that it could not follow a marker is kept with the first reason', async () => {
      const of = await make();
      await of.put(7, 'read');
      await of.reports.record([failed('first'), failed('second')], AT);
      await of.reports.record([failed('third')], AT);
      expect((await runOf(of))?.failed).toEqual([{ partition: 0, reason: 'first' }]);
    });

    it('with a plan is kept with the first plan', async () => {
      const of = await make();
      const run = await of.put(7, 'read');
      const planned: Report = { kind: 'planned', ...RUN, partition: 1, epoch: 2, types: {} };
      await of.reports.record([planned, planned], AT);
      expect(await of.views.plannedAnswers(run)).toEqual([{ partition: 1, types: {} }]);
    });
  });

  describe('a partition', () => {
    it('is known by the highest epoch it was heard with; a lower one is not heard', async () => {
      const of = await make();
      await of.reports.record([applied({ epoch: 4 })], AT);
      await of.reports.record([applied({ epoch: 3 })], AT + 5);
      expect(await partition(of)).toEqual({ partition: 0, epoch: 4, heardAt: AT, rebuildingAt: null });
      await of.reports.record([applied({ epoch: 4 })], AT + 6);
      expect(await partition(of)).toMatchObject({ epoch: 4, heardAt: AT + 6 });
    });

    it('is known to rebuild, and since when', async () => {
      const of = await make();
      await of.reports.record([{ kind: 'rebuilding', partition: 0, epoch: 5 }, applied({ epoch: 4 })], AT);
      await of.reports.record([{ kind: 'rebuilding', partition: 0, epoch: 4 }], AT + 1);
      expect(await partition(of)).toMatchObject({ epoch: 5, rebuildingAt: AT });
    });

    it('has rebuilt since it said so last, whatever it says of the same epoch', async () => {
      const of = await make();
      const rebuilding: Report = { kind: 'rebuilding', partition: 0, epoch: 5 };
      await of.reports.record([rebuilding, applied({ epoch: 5 })], AT);
      await of.reports.record([applied({ epoch: 5 })], AT + 1);
      expect(await partition(of)).toEqual({ partition: 0, epoch: 5, heardAt: AT + 1, rebuildingAt: AT });
    });

    it('was heard at work though it says ready after it', async () => {
      const of = await make();
      await of.reports.record([applied(), { kind: 'ready', partition: 0, epoch: 2, nonce: 'n' }], AT);
      expect(await partition(of)).toMatchObject({ heardAt: AT });
    });

    it('is not heard at work when it only says that it is ready, but with its epoch', async () => {
      const of = await make();
      await of.reports.record([applied()], AT);
      await of.reports.record([{ kind: 'ready', partition: 0, epoch: 3, nonce: 'n' }], AT + 5);
      expect(await partition(of)).toMatchObject({ epoch: 3, heardAt: AT });
    });

    it('is not heard when the persister speaks of it', async () => {
      const of = await make();
      await of.reports.record([passed(7), drift(7)], AT);
      expect(await partition(of)).toBeUndefined();
    });

    it('is ready only for an ASK that some wish waits on, with its highest epoch', async () => {
      const of = await make();
      await of.openings.want(WISH);
      await of.openings.ask('asked', [DISTRICT], AT);
      const ready = (nonce: string, epoch: number): Report => ({ kind: 'ready', partition: 0, epoch, nonce });
      await of.reports.record([ready('asked', 3), ready('asked', 2), ready('unknown', 2)], AT);
      await of.reports.record([ready('asked', 2)], AT);
      const { askings } = await of.views.load(AT);
      expect(askings).toEqual([
        expect.objectContaining({ nonce: 'asked', answers: [{ partition: 0, epoch: 3 }] }),
      ]);
    });
  });

  describe('a shadow', () => {
    it('makes the refresh of its type due, once more every time, for a district that is known', async () => {
      const of = await make();
      await of.reports.record([shadow(DISTRICT), shadow('unknown')], AT);
      await of.reports.record([shadow(DISTRICT)], AT);
      expect(await of.refreshes()).toEqual({ users: 2 });
      expect((await of.views.load(AT)).refreshesDue).toBe(1);
    });
  });

  describe('a drift', () => {
    const drifts = async ({ views }: LedgerUnderContract) => (await views.load(AT)).drifts;

    it('is shown until a later watermark was passed, and asks for nothing', async () => {
      const of = await make();
      await of.reports.record([passed(7), drift(7)], AT);
      expect(await drifts(of)).toBe(1);
      await of.reports.record([passed(7)], AT);
      expect(await drifts(of)).toBe(1);
      await of.reports.record([passed(8)], AT);
      expect(await drifts(of)).toBe(0);
      expect(await of.refreshes()).toEqual({});
    });

    it('of a generation that was overtaken is not shown', async () => {
      const of = await make();
      await of.reports.record([passed(8)], AT);
      await of.reports.record([drift(7), drift(7, { districtId: 'unknown' })], AT);
      expect(await drifts(of)).toBe(0);
      await of.reports.record([drift(8)], AT);
      expect(await drifts(of)).toBe(1);
    });

    it('that survived a second read makes the refresh of its type due', async () => {
      const of = await make();
      await of.reports.record([drift(7, { survived: true })], AT);
      expect(await of.refreshes()).toEqual({ users: 1 });
      expect(await drifts(of)).toBe(1);
    });
  });
}
