/*
 * One case: a first run, then a run struck at a named instant, then a run in peace, with nobody's hand in between. It
 * fails if the instant did not come while the struck run was under way, and after both runs unless Postgres equals the
 * source, the watermarks agree with it, and nothing was archived that was shared.
 */
import type { RunView } from '../support/coordinator.client.js';
import type { Running } from '../support/running.js';
import { Stir } from '../support/stir.js';
import { SERVICES } from '../support/ground.js';
import type { FaultCase, Played } from './fault-case.js';
import { SETTLES_WITHIN_MS, type FaultWorld } from './fault-world.js';
import { linesSince, recoveredAt } from './recovery.js';

const SIGKILL_EXIT = 137;
/** Kill -9 of any instance to its service at work again. */
const RECOVERS_WITHIN_MS = 15_000;
const TOLD_WITHIN_MS = 30_000;

export async function playCase(world: FaultWorld, fault: FaultCase): Promise<Played> {
  const startedAt = Date.now();
  const restartsBefore = world.instances.restarts;
  const played = { recoveryMs: null as number | null, run: null as Played['run'] };
  let failure: string | null = null;
  try {
    await new Play(world, fault, played).play();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    failure += `\n${troubles(world, startedAt)}`;
    await tidy(world);
  }
  const seconds = (Date.now() - startedAt) / 1000;
  return {
    name: fault.name,
    failure,
    seconds,
    ...played,
    restarts: world.instances.restarts - restartsBefore,
  };
}

class Play {
  readonly #districtId: string;
  readonly #stir: Stir;
  readonly #startedAt = Date.now();

  constructor(
    private readonly world: FaultWorld,
    private readonly fault: FaultCase,
    private readonly played: { recoveryMs: number | null; run: Played['run'] },
  ) {
    this.#districtId = world.nextDistrict();
    this.#stir = new Stir(world.ground.sandbox, this.#districtId);
  }

  async play(): Promise<void> {
    const { world, fault } = this;
    await this.completeRun();
    await fault.before?.(world, this.#districtId);
    world.instances.allowEnds(fault.expects?.ends === true);
    const opened = await this.strikeRun();
    if (fault.expects?.stops !== undefined) return this.expectStop(fault.expects.stops);
    const struck = await this.settledAfter(opened);
    this.expectRun(opened, struck);
    await world.ground.sandbox.noFaults(this.#districtId);
    await world.expectRight(struck);
    await world.instances.ready(SETTLES_WITHIN_MS);
    world.instances.allowEnds(false);
    await this.#stir.stir();
    await this.completeRun();
    this.expectSaid();
  }

  private async completeRun(): Promise<void> {
    const run = await this.world.ground.coordinator.runToEnd(this.#districtId);
    await this.world.expectRight(run);
  }

  /** Opens a run and strikes it at the instant. */
  private async strikeRun(): Promise<RunView> {
    const { world, fault } = this;
    const { sandbox, coordinator } = world.ground;
    await this.#stir.stir();
    const districtId = this.#districtId;
    for (const one of fault.source ?? []) await sandbox.fault({ ...one, districtId } as never);
    const { kind } = fault.strike;
    world.trap.arm(fault.at, kind === 'kill' || kind === 'kill-also' ? 'SIGKILL' : 'SIGSTOP');
    await fault.provokes?.(world, districtId);
    const opening = coordinator.open(districtId);
    const settling = opening.then((run) => this.settle(run));
    settling.catch(() => undefined); // awaited in settledAfter
    const struck = await this.struckBefore(settling);
    await this.strike(struck, settling);
    this.#settling = settling;
    return opening;
  }

  #settling: Promise<RunView> | undefined;

  private async settle(run: RunView): Promise<RunView> {
    const { world, fault } = this;
    const settled = await world.ground.coordinator.settled(run);
    if (settled.state !== 'held' || fault.decides === undefined) return settled;
    return fault.decides(world, settled);
  }

  private async struckBefore(settling: Promise<RunView>): Promise<Running> {
    const { world, fault } = this;
    const { service, instant } = fault.at;
    const over = { is: null as string | null };
    settling.then(
      ({ state }) => (over.is = `the run was ${state} before`),
      (error: Error) => (over.is = error.message),
    );
    const pid = await world.ground.fleet.until(
      `${service}.${instant} was hit`,
      () => {
        const struck = world.trap.struck();
        if (struck === null && over.is !== null)
          throw new Error(`${service}.${instant} was not hit: ${over.is}`);
        return struck;
      },
      SETTLES_WITHIN_MS,
    );
    world.trap.disarm();
    const struck = world.instances.withPid(pid);
    if (struck.name !== service) throw new Error(`${struck.name} was struck instead of ${service}`);
    return struck;
  }

  private async strike(struck: Running, settling: Promise<RunView>): Promise<void> {
    const { world, fault } = this;
    switch (fault.strike.kind) {
      case 'kill':
        return this.recover([struck], settling);
      case 'kill-also': {
        const services = fault.strike.others === 'of all services' ? SERVICES : [struck.name as never];
        const others = world.instances.of(...services).filter((one) => one !== struck);
        for (const one of others) {
          one.expectEnd();
          one.signal('SIGKILL');
        }
        return this.recover([struck, ...others], settling);
      }
      case 'freeze':
        struck.frozen(true);
        world.instances.askAwake();
        await settling.catch(() => undefined);
        return struck.signal('SIGCONT');
      case 'act':
        struck.frozen(true);
        world.instances.askAwake();
        await fault.strike.act(world, this.#districtId, struck);
        if (!struck.hasEnded && !struck.isAwake) struck.signal('SIGCONT');
    }
  }

  private async recover(killed: readonly Running[], settling: Promise<RunView>): Promise<void> {
    const { world, fault } = this;
    for (const one of killed) one.expectEnd();
    const codes = await Promise.all(killed.map((one) => one.exitCode()));
    if (codes.some((code) => code !== SIGKILL_EXIT))
      throw new Error(`ended with ${codes.join()}, not killed`);
    const killedAt = Date.now();
    const fresh = killed.map((one) => world.instances.replace(one));
    world.instances.askAwake();
    const recovered = await recoveredAt(world, fault.at.service, fresh, killedAt, settling);
    world.instances.askAwake();
    this.played.recoveryMs = recovered - killedAt;
  }

  private async settledAfter(opened: RunView): Promise<RunView> {
    const settled = await this.#settling;
    if (settled === undefined) throw new Error(`run ${opened.generation} was not followed`);
    return settled;
  }

  private expectRun(opened: RunView, struck: RunView): void {
    const wentOn = opened.generation === struck.generation;
    this.played.run = wentOn ? 'went on' : 'was followed';
    const expected = this.fault.expects?.run;
    if (expected !== undefined && (expected === 'goes on') !== wentOn)
      throw new Error(`run ${opened.generation} ${this.played.run}; it should be that it ${expected}`);
  }

  private expectSaid(): void {
    const { world, fault } = this;
    const said = (event: string): number => linesSince(world, this.#startedAt, event).length;
    const { says, drift = false } = fault.expects ?? {};
    if (says !== undefined && said(says) === 0) throw new Error(`nobody said '${says}'`);
    if (said('drift') > 0 !== drift) throw new Error(drift ? 'no drift was found' : 'a drift was reported');
    world.ground.fleet.assertAlive();
    const { recoveryMs } = this.played;
    if (recoveryMs !== null && recoveryMs > RECOVERS_WITHIN_MS)
      throw new Error(`the ${fault.at.service} was at work again only after ${recoveryMs} ms`);
  }

  private async expectStop(instruction: string): Promise<void> {
    const told = () =>
      linesSince(this.world, this.#startedAt, 'partition-stopped').some(({ reason }) =>
        String(reason).includes(instruction),
      );
    await this.world.ground.fleet.until('the operator was told', told, TOLD_WITHIN_MS);
    this.played.run = 'stopped';
  }
}

/** What the instances warned of meanwhile, the last of it. */
function troubles(world: FaultWorld, since: number): string {
  const lines = linesSince(world, since).filter(
    ({ level, event }) => level !== 'info' || event === 'decided',
  );
  return lines
    .slice(-40)
    .map((line) => `    ${JSON.stringify(line).slice(0, 400)}`)
    .join('\n');
}

async function tidy(world: FaultWorld): Promise<void> {
  world.trap.disarm();
  await world.ground.sandbox.noFaults();
  await world.instances.startAfresh();
}
