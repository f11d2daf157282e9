import { describe, expect, it } from '@jest/globals';
import type { RunKey, RunState } from '#contracts';
import type { Finding } from '../../src/settlement/guard.js';
import {
  AT,
  CLOSED,
  CONFIRMED,
  DIGEST,
  DISTRICT,
  NOW,
  OPEN,
  PLAN,
  VETOED,
  WISH,
  type LedgerUnderContract,
  type MakeLedger,
  type RunChanges,
} from './ledger-under-contract.js';

interface Case {
  readonly from: readonly RunState[];
  readonly to: RunState;
  /** What a run must have, beside its state, for the move to take place. */
  readonly needs?: RunChanges;
  /** Changes of it that each make the move void. */
  readonly void?: readonly RunChanges[];
  readonly move: (of: LedgerUnderContract, run: RunKey) => Promise<boolean>;
}

const OTHER_DIGEST = { digest: 'b'.repeat(64) };
const JUDGEMENT = { plan: PLAN, findings: [], hold: null, confirmation: null };
const FINDING: Finding = {
  ...{ rule: 'proof', entityType: null, numbers: { point: 6 }, effect: 'sweep', sentence: 'one is there' },
};
const MOVES: Readonly<Record<string, Case>> = {
  plan: {
    ...{ from: ['read'], to: 'planned' },
    move: ({ settlement }, run) => settlement.plan(run, JUDGEMENT, {}, NOW),
  },
  confirm: {
    ...{ from: ['planned'], to: 'confirming' },
    void: [{ hold: 'sweep' }, { hold: 'everything' }, { dryRun: true }, { confirmation: CONFIRMED }],
    move: ({ settlement }, run) => settlement.confirm(run, NOW),
  },
  'veto a sweep': {
    ...{ from: ['confirming'], to: 'confirming', needs: { confirmation: VETOED } },
    void: [{ confirmation: null }, { confirmation: CONFIRMED }, { hold: 'sweep' }],
    move: ({ settlement }, run) => settlement.veto(run, FINDING, NOW),
  },
  'apply a plan in which nobody is absent': {
    ...{ from: ['planned'], to: 'applying', needs: { confirmation: CONFIRMED } },
    void: [{ hold: 'everything' }, { dryRun: true }, { confirmation: null }, { confirmation: VETOED }],
    move: ({ settlement }, run) => settlement.apply(run, 'planned', NOW),
  },
  'apply a plan whose sweep is held': {
    ...{ from: ['planned'], to: 'applying', needs: { hold: 'sweep' } },
    move: ({ settlement }, run) => settlement.apply(run, 'planned', NOW),
  },
  'apply a confirmed plan': {
    ...{ from: ['confirming'], to: 'applying', needs: { confirmation: CONFIRMED } },
    void: [{ confirmation: null }, { confirmation: VETOED }, { dryRun: true }],
    move: ({ settlement }, run) => settlement.apply(run, 'confirming', NOW),
  },
  'apply a plan whose sweep was vetoed': {
    ...{ from: ['confirming'], to: 'applying', needs: { confirmation: VETOED, hold: 'sweep' } },
    void: [{ hold: null }],
    move: ({ settlement }, run) => settlement.apply(run, 'confirming', NOW),
  },
  'hold a planned run': {
    ...{ from: ['planned'], to: 'held', needs: { hold: 'everything' } },
    void: [{ hold: null }, { dryRun: true }],
    move: ({ settlement }, run) => settlement.hold(run, 'planned', 'why', NOW),
  },
  'hold a vetoed run': {
    ...{ from: ['confirming'], to: 'held', needs: { hold: 'sweep', confirmation: VETOED } },
    void: [{ hold: null }],
    move: ({ settlement }, run) => settlement.hold(run, 'confirming', 'why', NOW),
  },
  'hold an applied run': {
    ...{ from: ['applying'], to: 'held', needs: { hold: 'sweep' }, void: [{ hold: null }] },
    move: ({ settlement }, run) => settlement.hold(run, 'applying', 'why', NOW),
  },
  'sweep a planned run': {
    ...{ from: ['planned'], to: 'sweeping', needs: { confirmation: CONFIRMED } },
    void: [
      ...([{ hold: 'sweep' }, { hold: 'everything' }, { dryRun: true }] as const),
      ...[{ confirmation: null }, { confirmation: VETOED }],
    ],
    move: ({ settlement }, run) => settlement.sweep(run, 'planned', NOW),
  },
  'sweep a confirmed run': {
    ...{ from: ['confirming'], to: 'sweeping', needs: { confirmation: CONFIRMED } },
    void: [{ confirmation: null }, { confirmation: VETOED }, { hold: 'sweep' }],
    move: ({ settlement }, run) => settlement.sweep(run, 'confirming', NOW),
  },
  'sweep an applied run': {
    ...{ from: ['applying'], to: 'sweeping', void: [{ hold: 'sweep' }] },
    move: ({ settlement }, run) => settlement.sweep(run, 'applying', NOW),
  },
  complete: {
    ...{ from: ['sweeping'], to: 'completed' },
    move: ({ settlement }, run) => settlement.complete(run, [], NOW),
  },
  expire: {
    ...{ from: ['held'], to: 'expired', needs: { hold: 'sweep' }, void: [{ stateAt: AT + 1 }] },
    move: ({ settlement }, run) => settlement.expire(run, AT, NOW),
  },
  'abort a read run': {
    ...{ from: ['read'], to: 'aborted' },
    move: ({ settlement }, run) => settlement.abort(run, 'read', 'why', null, NOW),
  },
  'abort a lost lease': {
    ...{ from: ['reading'], to: 'aborted', needs: { leaseOwner: 'f', leaseLeftMs: -1000 } },
    void: [{ leaseLeftMs: 600_000 }],
    move: ({ settlement }, run) => settlement.abortLostLease(run, 'why', null, NOW),
  },
  'approve a held sweep': {
    ...{ from: ['held'], to: 'sweeping', needs: { hold: 'sweep' }, void: [OTHER_DIGEST] },
    move: ({ settlement }, run) => settlement.approve(run, DIGEST, 'who', 'why', NOW),
  },
  'approve what is held whole': {
    ...{ from: ['held'], to: 'applying', needs: { hold: 'everything' }, void: [OTHER_DIGEST] },
    move: ({ settlement }, run) => settlement.approve(run, DIGEST, 'who', 'why', NOW),
  },
  reject: {
    ...{ from: ['held'], to: 'rejected', needs: { hold: 'sweep' }, void: [OTHER_DIGEST] },
    move: ({ settlement }, run) => settlement.reject(run, DIGEST, 'who', 'why', NOW),
  },
};

/** Every move of a run: once, from its own state only, and void when only one condition differs. */
export function contractOfMoves(make: MakeLedger): void {
  describe.each(Object.entries(MOVES))('to %s', (_, { from, needs = {}, void: voids = [], to, move }) => {
    const [start = 'opened'] = from;

    it('takes place once, says so, and owes the marker of the new state', async () => {
      const of = await make();
      const run = await of.put(7, start, { markerAt: AT, ...needs });
      expect(await move(of, run)).toBe(true);
      expect(await of.find(run)).toMatchObject({ state: to, markerAt: null });
      expect(await move(of, run)).toBe(false);
    });

    it.each([...OPEN, ...CLOSED].filter((state) => !from.includes(state)))(
      'is void for a run that is %s, which stays as it is',
      async (state) => {
        const of = await make();
        const run = await of.put(7, state, needs);
        const before = await of.dump(run);
        expect(await move(of, run)).toBe(false);
        expect(await of.dump(run)).toBe(before);
        expect(await of.moments()).toEqual([]);
      },
    );

    for (const change of voids) {
      it(`is void with only ${JSON.stringify(change)}`, async () => {
        const of = await make();
        const run = await of.put(7, start, { ...needs, ...change });
        const before = await of.dump(run);
        expect(await move(of, run)).toBe(false);
        expect(await of.dump(run)).toBe(before);
      });
    }

    it('is void for another generation and another district', async () => {
      const of = await make();
      const run = await of.put(7, start, needs);
      const before = await of.dump(run);
      expect(await move(of, { districtId: DISTRICT, generation: 6 })).toBe(false);
      expect(await move(of, { districtId: 'd-2', generation: 7 })).toBe(false);
      expect(await of.dump(run)).toBe(before);
    });
  });

  describe('an abort', () => {
    it('makes the wish that takes its place, unless there is one already', async () => {
      const of = await make();
      const wish = { ...WISH, cause: 'retry', failures: 1, dueAt: NOW + 60_000 } as const;
      const run = await of.put(7, 'read');
      await of.settlement.abort(run, 'read', 'why', wish, NOW);
      expect(await of.find(run)).toMatchObject({ reason: 'why', retryAt: NOW + 60_000 });
      const next = await of.put(8, 'read');
      await of.settlement.abort(next, 'read', 'why', { ...wish, failures: 2 }, NOW);
      expect(await of.wishes()).toEqual([expect.objectContaining(wish)]);
    });

    it('that did not take place makes no wish', async () => {
      const of = await make();
      const run = await of.put(7, 'planned');
      await of.settlement.abort(run, 'read', 'why', WISH, NOW);
      expect(await of.wishes()).toEqual([]);
    });
  });

  describe('an approval', () => {
    it('is not taken for a district that was suspended', async () => {
      const of = await make();
      const run = await of.put(7, 'held', { hold: 'sweep' });
      await of.suspend(DISTRICT, 'gone');
      expect(await of.settlement.approve(run, DIGEST, 'who', 'why', NOW)).toBe(false);
      await of.suspend(DISTRICT, null);
      expect(await of.settlement.approve(run, DIGEST, 'who', 'why', NOW)).toBe(true);
    });

    it('and a rejection at once: one of them wins', async () => {
      const of = await make();
      const run = await of.put(7, 'held', { hold: 'sweep' });
      const verdicts = await Promise.all([
        of.settlement.approve(run, DIGEST, 'ann', 'a school closed', NOW),
        of.settlement.reject(run, DIGEST, 'ben', 'a broken export', NOW),
      ]);
      expect(verdicts.filter(Boolean)).toHaveLength(1);
      expect((await of.find(run)).state).toBe(verdicts[0] ? 'sweeping' : 'rejected');
      expect(await of.moments()).toHaveLength(1);
    });
  });
}
