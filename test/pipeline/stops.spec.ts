import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunView } from './support/coordinator.client.js';
import { Gate } from './support/gate.js';
import { Ground, setting, type ServiceName } from './support/ground.js';
import { Stir } from './support/stir.js';

/** Sent to Redis with the first write of an APPLY. */
const APPLY_MODE = 'apply';
/** From the end of a run to the opening of the next: an ASK to all partitions and their answers. */
const AT_ONCE_MS = 3_000;

describe('a service told to stop in the middle of its work ends well within ten seconds', () => {
  let ground: Ground;
  let districtId: string;
  let stir: Stir;
  /** Between the reconciler and Redis. */
  let gate: Gate;

  beforeAll(async () => {
    ground = await Ground.open('stops');
    gate = await Gate.open(setting('REDIS_URL'));
    await ground.startServices();
    await ground.replace('reconciler', { REDIS_URL: gate.url });
    districtId = await ground.firstDistrict();
    stir = new Stir(ground.sandbox, districtId);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
  });
  afterAll(async () => {
    await ground.close();
    await gate.close();
  });

  async function openApplying(): Promise<RunView> {
    await stir.stir();
    gate.shutAt(APPLY_MODE);
    const run = await ground.coordinator.open(districtId);
    await ground.fleet.until('the reconciler applied', () => gate.isAwaited);
    expect((await ground.coordinator.run(run)).state).toBe('applying');
    return run;
  }

  /** Sends SIGTERM; `letGo`, once it was heard, ends what the service is in the middle of. */
  async function stop(service: ServiceName, letGo: () => unknown): Promise<void> {
    const [running] = ground.fleet.running(service);
    if (running === undefined) throw new Error(`no ${service} runs`);
    const stopped = running.stop();
    await ground.fleet.until('SIGTERM was heard', () => running.lines('stopping').length === 1);
    await letGo();
    await stopped;
  }

  async function settled(run: RunView): Promise<RunView> {
    const last = await ground.coordinator.settled(run);
    expect(last.state).toBe('completed');
    await ground.expectEqual(districtId);
    return last;
  }

  it('the reconciler while it applies: another one goes on with the run', async () => {
    const run = await openApplying();
    await stop('reconciler', () => gate.letGo());
    await ground.start('reconciler', { REDIS_URL: gate.url });
    expect((await settled(run)).generation).toBe(run.generation);
  });

  it('the coordinator while a run is applied: another one takes it up', async () => {
    const run = await openApplying();
    await stop('coordinator', () => undefined);
    await ground.start('coordinator');
    gate.letGo();
    expect((await settled(run)).generation).toBe(run.generation);
  });

  it('the persister while it writes: another one goes on', async () => {
    await stir.stir();
    const table = await ground.rows.lock('demographics');
    const run = await ground.coordinator.open(districtId);
    await ground.fleet.until('a write waited', table.isAwaited);
    await stop('persister', table.release);
    await ground.start('persister');
    expect((await settled(run)).generation).toBe(run.generation);
  });

  it('the fetcher while it reads: its run is aborted and another one follows', async () => {
    await stir.stir();
    await ground.sandbox.fault({ kind: 'slow', entityType: 'users', delayMs: 60_000 });
    const run = await ground.coordinator.open(districtId);
    await ground.fleet.until('a page was waited for', async () => (await ground.sandbox.faultHits()) > 0);
    await stop('fetcher', () => undefined);
    const next = await ground.fleet.until(
      'another run was opened, with no fetcher there',
      async () => (await ground.coordinator.runs(districtId)).find((one) => one.state === 'opened') ?? null,
    );
    await ground.sandbox.noFaults();
    await ground.start('fetcher');
    expect((await settled(run)).generation).toBe(next.generation);
    const { state, why, closedAt } = await ground.coordinator.run(run);
    expect(Date.parse(next.openedAt) - Date.parse(closedAt ?? '')).toBeLessThan(AT_ONCE_MS);
    expect([state, why]).toEqual(['aborted', 'the fetcher was stopped']);
  });
});
