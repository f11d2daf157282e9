import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import type { RunSummary } from '#ledger';
import { Ground } from './support/ground.js';
import { Stir } from './support/stir.js';

const DISTRICTS = 5;
const AT_ONCE = 2;
const SLOW_MS = 12_000;
const LATE_MS = 6_000;

let ground: Ground;
let districtIds: readonly string[];

/** On a schedule, with nobody asking for runs unless a case does. */
beforeAll(async () => {
  ground = await Ground.open('districts', ['--districts', String(DISTRICTS)], {
    settings: {
      COORDINATOR_SCHEDULE: 'on',
      DISCOVERY_INTERVAL_MS: '1000',
      DISTRICT_LATE_MS: String(LATE_MS),
      FETCHER_CONCURRENCY_TOTAL: String(AT_ONCE),
    },
  });
  await ground.startServices();
  districtIds = await ground.districtIds();
  await Promise.all(districtIds.map((districtId) => completedAfter(districtId, 0)));
});
afterAll(() => ground.close());

const district = (at: number): string => districtIds[at] ?? '';

/** The first run above a generation that is completed and in Postgres. */
function completedAfter(districtId: string, generation: number): Promise<RunSummary> {
  return ground.fleet.until(`a run of ${districtId} was completed`, async () => {
    const known = await ground.coordinator.knows(districtId);
    const runs = known ? await ground.coordinator.runs(districtId) : [];
    const found = runs.filter((run) => run.generation > generation && run.state === 'completed');
    return found.find(({ persisted }) => persisted) ?? null;
  });
}

async function lastOf(districtId: string): Promise<number> {
  return (await ground.coordinator.runs(districtId))[0]?.generation ?? 0;
}

const rowsOf = (districtId: string) =>
  Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)));

describe('a district', () => {
  it('that appears is pulled at once, and again when its readiness stamp moves', async () => {
    const [first] = await ground.coordinator.runs(district(0));
    expect(first?.cause).toBe('scheduled');
    expect(await ground.topics.told(district(0))).toContain('roster.district.active');
    await new Stir(ground.sandbox, district(0)).stir(); // moves the stamp
    const next = await completedAfter(district(0), first?.generation ?? 0);
    expect(next.cause).toBe('newer');
    await ground.expectEqual(district(0));
  });

  it.each([
    ['that disappears from Discovery', 'removed', /gone from Discovery/],
    ['whose sharing agreement expires', 'expired', /the sharing agreement ended/],
  ] as const)(
    '%s is suspended, said so, and nothing is archived; back again it is active and pulled',
    async (_, standing, reason) => {
      const districtId = district(standing === 'removed' ? 1 : 2);
      const [before, last] = [await rowsOf(districtId), await lastOf(districtId)];
      await ground.sandbox.standing(districtId, standing);
      const suspended = await ground.fleet.until('it was suspended', async () => {
        const now = await ground.coordinator.district(districtId);
        return now.state === 'suspended' && now;
      });
      expect(suspended.reason).toMatch(reason);
      await ground.fleet.until('it was told', async () =>
        (await ground.topics.told(districtId)).includes('roster.district.suspended'),
      );
      const said = ground.fleet.running('coordinator').flatMap((one) => one.lines('districts'));
      expect(said.map(({ changed }) => changed)).toContainEqual([
        expect.objectContaining({ districtId, state: 'suspended' }),
      ]);
      await expect(ground.coordinator.open(districtId)).rejects.toThrow('409');
      expect(await rowsOf(districtId)).toEqual(before);
      await ground.sandbox.standing(districtId, 'connected');
      await completedAfter(districtId, last);
      expect((await ground.coordinator.district(districtId)).state).toBe('active');
      expect(await rowsOf(districtId)).toEqual(before);
      await ground.expectEqual(districtId);
    },
  );

  it('whose credentials rotate is read on with the new ones', async () => {
    const [districtId, last] = [district(1), await lastOf(district(1))];
    await ground.sandbox.rotateCredentials(districtId);
    await new Stir(ground.sandbox, districtId).stir();
    await completedAfter(districtId, last);
    await ground.expectEqual(districtId);
  });

  it('in a blackout is not pulled by schedule, but when asked for; afterwards what is due is pulled', async () => {
    const [districtId, other] = [district(3), district(4)];
    const blackout = { from: '2020-01-01', until: '2999-12-31' };
    const view = await ground.coordinator.configure(districtId, { blackouts: [blackout] });
    expect(view.blackout).toEqual(blackout);
    const [last, lastOfOther] = [await lastOf(districtId), await lastOf(other)];
    await new Stir(ground.sandbox, districtId).stir();
    await new Stir(ground.sandbox, other).stir();
    await completedAfter(other, lastOfOther);
    expect(await lastOf(districtId)).toBe(last);
    const asked = await ground.coordinator.runToEnd(districtId);
    expect([asked.state, asked.cause]).toEqual(['completed', 'asked']);
    await new Stir(ground.sandbox, districtId).stir();
    await ground.coordinator.configure(districtId, {});
    expect((await completedAfter(districtId, asked.generation)).cause).toBe('newer');
    await ground.expectEqual(districtId);
  });

  it('without a completed run for too long is late, told once, until one is completed', async () => {
    const districtId = district(0);
    const isLate = async () => (await ground.coordinator.district(districtId)).lateSince !== null;
    const tellings = async () =>
      (await ground.topics.told(districtId)).filter((type) => type === 'roster.district.late').length;
    await ground.fleet.until('it was late', isLate);
    const before = await ground.fleet.until('it was told', tellings);
    const [coordinator] = ground.fleet.running('coordinator');
    const lines = coordinator?.lines('district-late').filter((line) => line['districtId'] === districtId);
    expect(lines?.length).toBe(before);
    expect(await coordinator?.metric('rollcall_alarms_total')).toBeGreaterThanOrEqual(before);
    expect(await coordinator?.metric('rollcall_district_age_seconds')).toBeGreaterThan(LATE_MS / 1000);
    const askedAt = Date.now();
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    const { completedAt } = await ground.coordinator.district(districtId);
    expect(Date.parse(completedAt ?? '')).toBeGreaterThanOrEqual(askedAt);
    await ground.fleet.until('it was late again', async () => (await tellings()) > before);
    expect(await tellings()).toBe(before + 1);
  });
});

describe('a district that answers slowly', () => {
  it('keeps one of the places of all fetchers, and delays no other', async () => {
    const [slow = '', ...others] = districtIds;
    await ground.start('fetcher');
    await ground.sandbox.fault({
      kind: 'slow',
      districtId: slow,
      entityType: 'users',
      delayMs: SLOW_MS,
      times: 1,
    });
    const run = await ground.coordinator.open(slow);
    await ground.fleet.until('it was waited for', async () => (await ground.sandbox.faultHits()) > 0);
    const runs = await Promise.all(others.map((one) => ground.coordinator.runToEnd(one)));
    expect(runs.map(({ state }) => state)).toEqual(others.map(() => 'completed'));
    expect((await ground.coordinator.run(run)).state).toBe('reading');
    expect((await ground.coordinator.settled(run)).generation).toBe(run.generation);
  });
});
