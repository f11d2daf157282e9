import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunKey, RunState } from '#contracts';
import { AT, CLOSED, DIGEST, DISTRICT, ScratchLedger, STATES, WISH } from '../test/scratch-ledger.js';
import { SettlementLedger } from './settlement.store.js';

const scratch = new ScratchLedger('settlement');
const ledger = new SettlementLedger(scratch.connection);
const NOW = AT + 1000;
const JUDGED = { plan: { digest: DIGEST }, findings: [], hold: null } as const;
const past = (ms: number): Date => new Date(Date.now() - ms);

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

interface Case {
  readonly from: readonly RunState[];
  /** What a run must have, beside its state, for the move to take place. */
  readonly needs?: Readonly<Record<string, unknown>>;
  /** Changes of it that each make the move void. */
  readonly void?: readonly Readonly<Record<string, unknown>>[];
  readonly to: RunState;
  readonly move: (run: RunKey) => Promise<boolean>;
}

const EXPIRED_LEASE = { lease_owner: 'f', lease_until: past(1000) };
const MOVES: Readonly<Record<string, Case>> = {
  plan: { from: ['read'], to: 'planned', move: (run) => ledger.plan(run, JUDGED, {}, NOW) },
  apply: {
    ...{ from: ['planned'], to: 'applying', move: (run) => ledger.apply(run, NOW) },
    void: [{ hold: 'everything' }, { dry_run: true }],
  },
  'hold a planned run': {
    ...{ from: ['planned'], to: 'held', needs: { hold: 'everything' } },
    ...{ void: [{ hold: null }, { dry_run: true }], move: (run) => ledger.hold(run, 'planned', 'why', NOW) },
  },
  'hold an applied run': {
    ...{ from: ['applying'], to: 'held', needs: { hold: 'sweep' } },
    ...{ void: [{ hold: null }], move: (run) => ledger.hold(run, 'applying', 'why', NOW) },
  },
  'sweep a planned run': {
    ...{ from: ['planned'], to: 'sweeping', void: [{ hold: 'sweep' }, { dry_run: true }] },
    move: (run) => ledger.sweep(run, 'planned', NOW),
  },
  'sweep an applied run': {
    ...{ from: ['applying'], to: 'sweeping', void: [{ hold: 'sweep' }] },
    move: (run) => ledger.sweep(run, 'applying', NOW),
  },
  complete: { from: ['sweeping'], to: 'completed', move: (run) => ledger.complete(run, [], NOW) },
  expire: {
    ...{ from: ['held'], to: 'expired', void: [{ state_at: new Date(AT + 1) }] },
    move: (run) => ledger.expire(run, AT, NOW),
  },
  'abort a read run': {
    from: ['read'],
    to: 'aborted',
    move: (run) => ledger.abort(run, 'read', 'why', null, NOW),
  },
  'abort a lost lease': {
    ...{ from: ['reading'], to: 'aborted', needs: EXPIRED_LEASE },
    void: [{ lease_until: new Date(Date.now() + 3_600_000) }],
    move: (run) => ledger.abortLostLease(run, 'why', null, NOW),
  },
  'approve a held sweep': {
    ...{ from: ['held'], to: 'sweeping', needs: { hold: 'sweep' }, void: [{ plan_digest: 'b'.repeat(64) }] },
    move: (run) => ledger.approve(run, DIGEST, 'who', 'why', NOW),
  },
  'approve what is held whole': {
    ...{ from: ['held'], to: 'applying', needs: { hold: 'everything' } },
    move: (run) => ledger.approve(run, DIGEST, 'who', 'why', NOW),
  },
  reject: {
    ...{ from: ['held'], to: 'rejected', void: [{ plan_digest: 'b'.repeat(64) }] },
    move: (run) => ledger.reject(run, DIGEST, 'who', 'why', NOW),
  },
};

describe.each(Object.entries(MOVES))('to %s', (_, { from, needs = {}, void: voids = [], to, move }) => {
  it('takes place once, and says so', async () => {
    const run = await scratch.put(7, from[0] ?? 'opened', needs);
    expect(await move(run)).toBe(true);
    expect(await scratch.of(run, 'state')).toBe(to);
    expect(await scratch.of(run, 'marker_at')).toBeNull();
    expect(await move(run)).toBe(false);
  });

  it('is void in every other state, so a closed run never changes', async () => {
    for (const state of [...STATES, ...CLOSED].filter((other) => !from.includes(other))) {
      await scratch.reset();
      const run = await scratch.put(7, state, needs);
      const before = await scratch.of(run, 'runs::text');
      expect([state, await move(run)]).toEqual([state, false]);
      expect(await scratch.of(run, 'runs::text')).toBe(before);
      expect(await scratch.moments()).toEqual([]);
    }
  });

  it('is void when only one of its conditions differs', async () => {
    for (const change of voids) {
      await scratch.reset();
      const run = await scratch.put(7, from[0] ?? 'opened', { ...needs, ...change });
      expect([change, await move(run)]).toEqual([change, false]);
      expect(await scratch.of(run, 'state')).toBe(from[0]);
    }
  });

  it('leaves other runs alone', async () => {
    const run = await scratch.put(7, from[0] ?? 'opened', needs);
    const other = await scratch.put(6, 'completed');
    await move(run);
    expect(await scratch.of(other, 'state')).toBe('completed');
    expect(await move({ districtId: DISTRICT, generation: 5 })).toBe(false);
    expect(await move({ districtId: 'd-2', generation: 7 })).toBe(false);
  });
});

describe('a decision about a held run', () => {
  it('is not taken for a district that was suspended', async () => {
    const run = await scratch.put(7, 'held', { hold: 'sweep' });
    await scratch.list('gone');
    expect(await ledger.approve(run, DIGEST, 'who', 'why', NOW)).toBe(false);
    await scratch.list(null);
    expect(await ledger.approve(run, DIGEST, 'who', 'why', NOW)).toBe(true);
  });

  it('is kept with who, why and when, and one of two at once wins', async () => {
    const run = await scratch.put(7, 'held', { hold: 'sweep' });
    const verdicts = await Promise.all([
      ledger.approve(run, DIGEST, 'ann', 'a school closed', NOW),
      ledger.reject(run, DIGEST, 'ben', 'a broken export', NOW),
    ]);
    expect(verdicts.filter(Boolean)).toHaveLength(1);
    const decision = await scratch.of<{ who: string; verdict: string }>(run, 'decision');
    expect([decision.who, decision.verdict]).toEqual(verdicts[0] ? ['ann', 'approved'] : ['ben', 'rejected']);
    expect(await scratch.moments()).toHaveLength(1);
  });
});

describe('an abort', () => {
  it('makes the wish that takes its place, unless there is one already', async () => {
    const run = await scratch.put(7, 'read');
    const wish = { ...WISH, cause: 'retry', failures: 1, dueAt: NOW + 60_000 } as const;
    await ledger.abort(run, 'read', 'why', wish, NOW);
    expect(await scratch.count('wishes')).toBe(1);
    expect(await scratch.of<Date>(run, 'retry_at')).toEqual(new Date(NOW + 60_000));
    const next = await scratch.put(8, 'read');
    await ledger.abort(next, 'read', 'why', { ...wish, failures: 2 }, NOW);
    expect(await scratch.count('wishes where failures = 1')).toBe(1);
  });

  it('that did not take place makes no wish', async () => {
    const run = await scratch.put(7, 'planned');
    await ledger.abort(run, 'read', 'why', WISH, NOW);
    expect(await scratch.count('wishes')).toBe(0);
  });
});

describe('a completed run', () => {
  const due = async (): Promise<readonly string[]> => {
    const { rows } = await scratch.connection.query<{ entity_type: string }>(
      'select entity_type from ledger.refreshes order by 1',
    );
    return rows.map(({ entity_type: type }) => type);
  };

  it('is known to its district, and ends the refresh of the types it refreshed', async () => {
    await scratch.connection.query(
      `insert into ledger.refreshes (district_id, entity_type, asks, asked_at)
       select $1, unnest(array['orgs', 'users', 'courses']), 2, now()`,
      [DISTRICT],
    );
    const run = await scratch.put(7, 'sweeping', { refresh_asks: { orgs: 2, users: 2, courses: 1 } });
    await ledger.complete(run, ['users', 'courses'], NOW);
    expect(await scratch.count('districts where completed_generation = 7')).toBe(1);
    expect(await due()).toEqual(['courses', 'orgs']);
  });
});

describe('notes on a run', () => {
  it('do not mark a marker as sent once the run is in another state', async () => {
    const run = await scratch.put(7, 'sweeping');
    await ledger.markerSent(run, 'applying', NOW);
    expect(await scratch.of(run, 'marker_at')).toBeNull();
    await ledger.markerSent(run, 'sweeping', NOW);
    expect(await scratch.of<Date>(run, 'marker_at')).toEqual(new Date(NOW));
  });

  it('do not mark the ABORT of a run that needs none', async () => {
    const run = await scratch.put(7, 'completed');
    await ledger.announced(run, NOW);
    expect(await scratch.of(run, 'marker_at')).toBeNull();
  });
});
