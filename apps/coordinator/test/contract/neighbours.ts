import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type Report } from '#contracts';
import {
  AT,
  DIGEST,
  DISTRICT,
  NOW,
  OPEN,
  READING,
  SECONDS,
  WISH,
  type LedgerUnderContract,
  type MakeLedger,
} from './ledger-under-contract.js';
import { open, wished } from './wished.js';

const OTHER = 'd-2';
const SHADOW: Report = { kind: 'shadow', districtId: OTHER, entityType: 'users' };
const RUN = { districtId: DISTRICT, generation: 7 };
const NEIGHBOUR = { districtId: OTHER, generation: 7 };
const PLACE = { partition: 0, epoch: 2 };

/** Every condition that names a district or a run: what another one has or does is none of its business. */
export function contractOfNeighbours(make: MakeLedger): void {
  const two = async (): Promise<LedgerUnderContract> => {
    const of = await make();
    await of.addDistrict(OTHER);
    return of;
  };

  describe('beside another district, a wish', () => {
    it('for a refresh is not made for what only the other has due', async () => {
      const of = await two();
      await of.reports.record([SHADOW], AT);
      expect(await of.openings.wantRefresh(DISTRICT, AT)).toBe(false);
      expect((await of.views.load(AT)).refreshes.map(({ districtId }) => districtId)).toEqual([OTHER]);
    });

    it.each(OPEN)('is made and due while only the other has a run that is %s', async (state) => {
      const of = await two();
      await of.put(7, state, { districtId: OTHER });
      await of.putRefresh('users', 1);
      expect((await of.views.load(AT)).refreshes).toHaveLength(1);
      expect(await of.openings.wantRefresh(DISTRICT, AT)).toBe(true);
      expect((await of.views.load(AT)).due).toMatchObject([{ districtId: DISTRICT }]);
    });

    it('for a refresh is shown as due while only the other wishes for something', async () => {
      const of = await two();
      await of.putRefresh('users', 1);
      await of.openings.want({ ...WISH, districtId: OTHER });
      expect((await of.views.load(AT)).refreshes.map(({ districtId }) => districtId)).toEqual([DISTRICT]);
    });

    it('waits on its own ASK, with the answers to that alone', async () => {
      const of = await two();
      await of.openings.want(WISH);
      await of.openings.want({ ...WISH, districtId: OTHER });
      await of.openings.ask('first', [DISTRICT], AT);
      await of.openings.ask('second', [OTHER], AT);
      await of.reports.record([{ kind: 'ready', ...PLACE, nonce: 'first' }], AT);
      await of.reports.record([{ kind: 'ready', ...PLACE, epoch: 3, nonce: 'second' }], AT);
      const { askings } = await of.views.load(AT);
      expect(Object.fromEntries(askings.map(({ nonce, ...rest }) => [nonce, rest]))).toMatchObject({
        first: { districtIds: [DISTRICT], answers: [{ partition: 0, epoch: 2 }] },
        second: { districtIds: [OTHER], answers: [{ partition: 0, epoch: 3 }] },
      });
    });
  });

  describe('beside another district, an opening', () => {
    it('leaves the other its wish, its answers, its held run and what it has due', async () => {
      const of = await two();
      const held = await of.put(7, 'held', { hold: 'sweep', districtId: OTHER });
      await of.reports.record([SHADOW], AT);
      await wished(of);
      await wished(of, { districtId: OTHER });
      await of.reports.record([{ kind: 'ready', ...PLACE, nonce: 'nonce' }], AT);
      const before = await of.dump(held);
      expect(await open(of)).toBe(SECONDS);
      expect((await of.find({ ...RUN, generation: SECONDS })).refresh).toEqual([]);
      expect(await of.wishes()).toEqual([expect.objectContaining({ districtId: OTHER, nonce: 'nonce' })]);
      expect((await of.views.load(AT)).askings[0]?.answers).toHaveLength(1);
      expect(await of.dump(held)).toBe(before);
    });
  });

  describe('beside another district, a run', () => {
    it('is approved only while its own district is active', async () => {
      const of = await two();
      const run = await of.put(7, 'held', { hold: 'sweep' });
      await of.suspendAlone(DISTRICT);
      expect(await of.settlement.approve(run, DIGEST, 'who', 'why', NOW)).toBe(false);
    });

    it('that moves leaves the other’s of the same generation, and its refreshes, alone', async () => {
      const of = await two();
      const other = await of.put(7, 'sweeping', { districtId: OTHER });
      const before = await of.dump(other);
      await of.reports.record([SHADOW], AT);
      const run = await of.put(7, 'sweeping', { refreshAsks: { users: 1 } });
      expect(await of.settlement.complete(run, ['users'], NOW)).toBe(true);
      expect(await of.dump(other)).toBe(before);
      expect((await of.views.load(AT)).refreshesDue).toBe(1);
    });

    it('is in Postgres by its own watermarks only', async () => {
      const of = await two();
      await of.put(7, 'completed');
      const passed: Report[] = ENTITY_TYPES.map((entityType) => ({
        ...{ kind: 'passed', ...NEIGHBOUR, ...PLACE, entityType },
      }));
      await of.reports.record(passed, AT);
      expect(await of.settlement.notePersisted(7, NOW)).toEqual([]);
    });

    it('is compared with its own district’s last one', async () => {
      const of = await two();
      await of.put(7, 'completed', { reading: READING, districtId: OTHER });
      expect(await of.reading.lastReferences(DISTRICT)).toBeNull();
    });

    it('that is read under a lease is not the other’s of the same generation', async () => {
      const of = await two();
      const lease = { leaseOwner: 'a', leaseLeftMs: 600_000 };
      await of.put(7, 'reading', lease);
      const other = await of.put(7, 'reading', { ...lease, districtId: OTHER });
      const before = await of.dump(other);
      expect(await of.reading.fail(RUN, 'a', 'status 500', 'source')).toBe(true);
      expect(await of.reading.finish(NEIGHBOUR, 'a', READING)).toBe(true);
      expect(await of.dump(other)).not.toBe(before);
      expect((await of.find(RUN)).state).toBe('reading');
    });

    it('has only the answers for itself', async () => {
      const of = await two();
      const earlier = { ...RUN, generation: 6 };
      await of.put(6, 'read');
      await of.reports.record([{ kind: 'planned', ...earlier, ...PLACE, types: {} }], AT);
      const reason = { marker: 'end', reason: 'why', highestGeneration: 6 } as const;
      await of.reports.record([{ kind: 'failed', ...earlier, ...PLACE, ...reason }], AT);
      await of.settlement.abort(earlier, 'read', 'why', null, NOW);
      await of.put(7, 'applying', { districtId: OTHER });
      await of.put(7, 'applying');
      const failed = { ...PLACE, marker: 'apply', reason: 'why', highestGeneration: 7 } as const;
      await of.reports.record(
        [
          { kind: 'planned', ...NEIGHBOUR, ...PLACE, types: {} },
          { kind: 'applied', ...NEIGHBOUR, ...PLACE, types: {} },
          { kind: 'failed', ...NEIGHBOUR, ...failed },
        ],
        AT,
      );
      const { runs } = await of.views.load(AT);
      const answers = Object.fromEntries(runs.map((run) => [run.districtId, [run.answered, run.failed]]));
      expect(answers).toEqual({
        [DISTRICT]: [{ planned: [], applied: [], swept: [] }, []],
        [OTHER]: [{ planned: [0], applied: [0], swept: [] }, [{ partition: 0, reason: 'why' }]],
      });
      expect(await of.views.plannedAnswers(RUN)).toEqual([]);
      expect(await of.views.plannedAnswers(NEIGHBOUR)).toHaveLength(1);
      expect(await of.views.plannedAnswers({ ...NEIGHBOUR, generation: 6 })).toEqual([]);
    });
  });

  describe('a drift', () => {
    const drift: Report = {
      ...{ kind: 'drift', ...RUN, ...PLACE, entityType: 'users', survived: false },
      ...{ expected: { active: 1, xor: '0'.repeat(16) }, found: { active: 2, xor: '1'.repeat(16) } },
    };
    const passed = (changes: object): Report => ({
      ...{ kind: 'passed', ...RUN, ...PLACE, generation: 8, entityType: 'users' },
      ...changes,
    });

    it.each([
      ['of another district', passed({ districtId: OTHER })],
      ['of another partition', passed({ partition: 1 })],
      ['of another type', passed({ entityType: 'orgs' })],
    ])('is not ended, nor overtaken, by a watermark %s', async (_, report) => {
      const of = await two();
      await of.reports.record([drift], AT);
      await of.reports.record([report], AT);
      expect((await of.views.load(AT)).drifts).toBe(1);
      const again = await two();
      await again.reports.record([report], AT);
      await again.reports.record([drift], AT);
      expect((await again.views.load(AT)).drifts).toBe(1);
    });
  });
}
