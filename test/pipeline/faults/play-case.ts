/*
 * One case: a first run, then a run struck at a named instant, then a run in peace, with nobody's hand in between. It
 * fails if the instant did not come while the struck run was under way, and after both runs unless Postgres equals the
 * source, the watermarks agree with it, and nothing was archived that was shared.
 */
import type { RunView } from '../support/coordinator.client.js';
import type { Running } from '../support/running.js';
import type { Fault } from '../support/sandbox.client.js';
import { Stir } from '../support/stir.js';
import type { FaultCase, Played } from './fault-case.js';
import { SETTLES_WITHIN_MS, type FaultWorld } from './fault-world.js';
import type { LogMark } from './log-mark.js';
import { strike } from './strike.js';

/** Kill -9 of any one instance to its service at work again. */
const RECOVERS_WITHIN_MS = 15_000;
const TOLD_WITHIN_MS = 30_000;

export async function playCase(world: FaultWorld, fault: FaultCase): Promise<Played> {
  const startedAt = Date.now();
  const mark = world.mark();
  const restartsBefore = world.instances.restarts;
  const played = { recoveryMs: null as number | null, run: null as Played['run'] };
  let failure: string | null = null;
  try {
    await new Play(world, fault, mark, played).play();
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
    failure += `\n${troubles(mark)}`;
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

  constructor(
    private readonly world: FaultWorld,
    private readonly fault: FaultCase,
    private readonly mark: LogMark,
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
    const [opened, settling] = await this.strikeRun();
    if (fault.expects?.stops !== undefined) return this.expectStop(fault.expects.stops);
    const struck = await settling;
    this.expectRun(opened, struck);
    await world.ground.sandbox.noFaults(this.#districtId);
    await world.expectRight(struck);
    await world.instances.ready(SETTLES_WITHIN_MS);
    world.instances.allowEnds(false);
    await this.#stir.stir();
    await this.completeRun();
    this.expectSaid();
    await world.clocks.right();
  }

  private async completeRun(): Promise<void> {
    const run = await this.world.ground.coordinator.runToEnd(this.#districtId);
    await this.world.expectRight(run);
  }

  /** The run that was opened, and what it came to after the strike. */
  private async strikeRun(): Promise<readonly [opened: RunView, settling: Promise<RunView>]> {
    const { world, fault } = this;
    const { sandbox, coordinator } = world.ground;
    const districtId = this.#districtId;
    await this.#stir.stir();
    for (const one of fault.source ?? []) await sandbox.fault({ ...one, districtId } as Fault);
    const { kind } = fault.strike;
    const isKill = kind === 'kill' || kind === 'kill-also';
    if (isKill) for (const one of world.instances.of(fault.at.service)) one.expectEnd();
    world.trap.arm(fault.at, isKill ? 'SIGKILL' : 'SIGSTOP');
    await fault.provokes?.(world, districtId);
    const opening = coordinator.open(districtId);
    const settling = opening.then((run) => this.settle(run));
    settling.catch(() => undefined); // its failure is told by whoever waits for it
    const struck = await this.struckBefore(settling);
    this.played.recoveryMs = await strike(world, fault, struck, { districtId, settling });
    world.instances.allowEnds(fault.expects?.ends === true);
    return [await opening, settling];
  }

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

  private expectRun(opened: RunView, struck: RunView): void {
    const wentOn = opened.generation === struck.generation;
    this.played.run = wentOn ? 'went on' : 'was followed';
    const expected = this.fault.expects?.run;
    if (expected !== undefined && (expected === 'goes on') !== wentOn)
      throw new Error(`run ${opened.generation} ${this.played.run}; it should be that it ${expected}`);
  }

  private expectSaid(): void {
    const { world, fault, mark } = this;
    const { says, because = '', drift = false } = fault.expects ?? {};
    const isSaid = (event: string): boolean =>
      mark.lines(event).some(({ why }) => (typeof why === 'string' ? why.includes(because) : because === ''));
    if (says !== undefined && !isSaid(says)) throw new Error(`nobody said '${says}' ${because}`);
    if (mark.lines('drift').length > 0 !== drift)
      throw new Error(drift ? 'no drift was found' : 'a drift was reported');
    world.ground.fleet.assertAlive();
    const { recoveryMs } = this.played;
    if (fault.strike.kind === 'kill' && recoveryMs !== null && recoveryMs > RECOVERS_WITHIN_MS)
      throw new Error(`the ${fault.at.service} was at work again only after ${recoveryMs} ms`);
  }

  private async expectStop(instruction: string): Promise<void> {
    const told = () =>
      this.mark.lines('partition-stopped').some(({ reason }) => String(reason).includes(instruction));
    await this.#stir.stir();
    await this.world.ground.coordinator.open(this.#districtId); // the topic must hold something to be judged by
    await this.world.ground.fleet.until('the operator was told', told, TOLD_WITHIN_MS);
    this.played.run = 'stopped';
  }
}

/** What the instances warned of meanwhile, the last of it. */
function troubles(mark: LogMark): string {
  const lines = mark.lines().filter(({ level, event }) => level !== 'info' || event === 'decided');
  return lines
    .slice(-40)
    .map((line) => `    ${JSON.stringify(line).slice(0, 400)}`)
    .join('\n');
}

async function tidy(world: FaultWorld): Promise<void> {
  world.trap.disarm();
  await world.ground.sandbox.noFaults();
  await world.instances.startAfresh();
  await world.clocks.right();
}
