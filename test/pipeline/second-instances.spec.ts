import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ground, SERVICES, type ServiceName } from './support/ground.js';
import type { Running } from './support/running.js';

const DISTRICTS = 6;

/** What each of two processes of a service must have counted for having done work. */
const WORK: readonly (readonly [ServiceName, string])[] = [
  ['fetcher', 'rollcall_fetch_seconds_count'],
  ['reconciler', 'rollcall_change_events_total'],
  ['persister', 'rollcall_rows_total'],
];

describe('a second instance of each service', () => {
  let ground: Ground;
  let districtIds: readonly string[];

  beforeAll(async () => {
    ground = await Ground.open('twice', ['--districts', String(DISTRICTS)]);
    const settings = { FETCHER_CONCURRENCY: '1' }; // so that one of them alone cannot take every run
    await Promise.all(SERVICES.flatMap((name) => [1, 2].map(() => ground.start(name, settings))));
    const { fleet } = ground;
    await fleet.until('all had joined', async () => {
      const ready = await Promise.all(fleet.running(...SERVICES).map((one) => one.isReady()));
      return ready.every((isReady) => isReady);
    });
    districtIds = await ground.districtIds();
  });
  afterAll(() => ground.close());

  const decisions = (coordinator: Running): readonly string[] =>
    coordinator
      .lines('decided')
      .map(({ decision, districtId, generation }) => [decision, districtId, generation].join(' '));

  async function runAll(): Promise<void> {
    const runs = await Promise.all(districtIds.map((one) => ground.coordinator.runToEnd(one)));
    expect(runs.map(({ state }) => state)).toEqual(districtIds.map(() => 'completed'));
    for (const districtId of districtIds) await ground.expectEqual(districtId);
  }

  it('shares the work of several runs, and Postgres equals the source', async () => {
    await ground.sandbox.fault({ kind: 'slow', entityType: 'orgs', delayMs: 700 });
    await runAll();
    await ground.sandbox.noFaults();
    for (const [name, metric] of WORK) {
      const done = await Promise.all(ground.fleet.running(name).map((one) => one.metric(metric)));
      expect([name, done.length, done.every((count) => count > 0)]).toEqual([name, 2, true]);
    }
  });

  it('of the coordinator serves the admin API and decides nothing while the first is there', async () => {
    const coordinators = ground.fleet.running('coordinator');
    const [active, standby] = [...coordinators].sort((a, b) => decisions(b).length - decisions(a).length);
    if (active === undefined || standby === undefined) throw new Error('there are not two coordinators');
    expect(decisions(standby)).toEqual([]);
    expect(new Set(decisions(active)).size).toBe(decisions(active).length);

    ground.ask(standby);
    await runAll();
    expect(decisions(standby)).toEqual([]);

    await active.stop();
    await runAll();
    expect(decisions(standby).filter((decision) => decision.startsWith('completed')).length).toBe(DISTRICTS);
  });

  it('leaves its work to the other when it ends', async () => {
    for (const name of ['fetcher', 'reconciler', 'persister'] as const) {
      const [first] = ground.fleet.running(name);
      await first?.stop();
    }
    for (const districtId of districtIds) await ground.sandbox.change(districtId, 5);
    await runAll();
    for (const name of SERVICES) expect(ground.fleet.running(name)).toHaveLength(1);
  });
});
