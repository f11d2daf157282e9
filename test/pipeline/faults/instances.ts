/*
 * Two processes of each service, kept up as an orchestrator would: what was killed is started again at once, and
 * nothing else is. A process that ends by itself is trouble, unless the case says that it may.
 */
import { SERVICES, type Ground, type ServiceName } from '../support/ground.js';
import type { Running } from '../support/running.js';

const LOOK_EVERY_MS = 200;

export class Instances {
  readonly #timer: NodeJS.Timeout;
  #all: Running[] = [];
  /** Those that are gone, by what took their place. */
  readonly #replaced = new Map<Running, Running>();
  #mayEnd = false;
  #restarts = 0;

  private constructor(private readonly ground: Ground) {
    this.#timer = setInterval(() => this.startEnded(), LOOK_EVERY_MS);
  }

  static async start(ground: Ground): Promise<Instances> {
    const instances = new Instances(ground);
    await instances.startAll();
    return instances;
  }

  /** Those that are meant to run. */
  of(...services: readonly ServiceName[]): readonly Running[] {
    return this.#all.filter(({ name }) => (services as readonly string[]).includes(name));
  }

  everyone(): readonly Running[] {
    return this.of(...SERVICES);
  }

  /** Also of one that has ended and was started again before anybody asked. */
  withPid(pid: number): Running {
    const found = [...this.#all, ...this.#replaced.keys()].find((one) => one.pid === pid);
    if (found === undefined) throw new Error(`no instance has the pid ${pid}`);
    return found;
  }

  /** Another process takes the place of one that has ended or soon will, once; it need not listen yet. */
  replace(old: Running): Running {
    const known = this.#replaced.get(old);
    if (known !== undefined) return known;
    const fresh = this.ground.fleet.launch(old.name);
    fresh.expectEnd(this.#mayEnd);
    this.#replaced.set(old, fresh);
    this.#all = this.#all.map((one) => (one === old ? fresh : one));
    return fresh;
  }

  /** One more; it need not listen yet. */
  add(name: ServiceName): Running {
    const added = this.ground.fleet.launch(name);
    added.expectEnd(this.#mayEnd);
    this.#all = [...this.#all, added];
    return added;
  }

  /** It stops well, and no other takes its place. */
  async takeAway(one: Running): Promise<void> {
    this.#all = this.#all.filter((other) => other !== one);
    this.askAwake();
    await one.stop();
  }

  /** How many were started again because they had ended by themselves. */
  get restarts(): number {
    return this.#restarts;
  }

  /** While `isAllowed`, one that ends is started again. */
  allowEnds(isAllowed: boolean): void {
    this.startEnded();
    this.#mayEnd = isAllowed;
    for (const one of this.#all) one.expectEnd(isAllowed);
  }

  /** Resolves when all are ready and the one that is asked runs. */
  async ready(withinMs: number): Promise<void> {
    await this.ground.fleet.until(
      'all instances were ready',
      async () => {
        const ready = await Promise.all(this.#all.map((one) => isReady(one)));
        return ready.every((one) => one);
      },
      withinMs,
    );
    this.askAwake();
  }

  /** The coordinator that is asked is one that can answer. */
  askAwake(): void {
    const awake = this.of('coordinator').find((one) => one.isAwake && one.listening() !== null);
    if (awake !== undefined) this.ground.ask(awake);
  }

  /** After a case that went wrong: nothing of it is left in any process. */
  async startAfresh(): Promise<void> {
    const old = this.#all;
    this.#all = [];
    await Promise.all(old.map((one) => one.end()));
    this.#mayEnd = false;
    await this.startAll();
  }

  stopWatching(): void {
    clearInterval(this.#timer);
  }

  private async startAll(): Promise<void> {
    this.#all = SERVICES.flatMap((name) => [1, 2].map(() => this.ground.fleet.launch(name)));
    await this.ready(60_000);
  }

  private startEnded(): void {
    if (!this.#mayEnd) return;
    for (const ended of this.#all.filter(({ hasEnded }) => hasEnded)) {
      this.#restarts += 1;
      this.replace(ended);
    }
    this.askAwake();
  }
}

async function isReady(running: Running): Promise<boolean> {
  if (!running.isAwake || running.listening() === null) return false;
  try {
    return await running.isReady();
  } catch (error) {
    if (running.hasEnded || (error as Error).name === 'TypeError') return false;
    throw error;
  }
}
