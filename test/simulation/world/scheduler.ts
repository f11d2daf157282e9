/*
 * Decides which of all waiting steps goes on next. Every call of a port waits here before it takes effect, and now and
 * then again before its answer is seen, so that a crash, a pause or another worker can come between any two steps. Time
 * is virtual: it creeps while steps are taken and jumps to the next timer when nobody has anything to do.
 */
import type { Random } from './random.js';
import { young } from './young.js';

interface Waiter {
  readonly actor: Actor;
  readonly resume: () => void;
}

interface Timer extends Waiter {
  readonly at: number;
}

/** What runs in a simulated process. A killed one may go on as a zombie for a number of steps, then never again. */
export class Actor {
  isAlive = true;
  /** Steps left to a zombie. */
  steps = 0;
  /** Does nothing before this time. */
  asleepUntil = 0;

  constructor(readonly name: string) {}

  get isZombie(): boolean {
    return !this.isAlive && this.steps > 0;
  }
}

export type Ending = 'done' | 'idle' | 'exhausted';

const SOON = Promise.resolve();
/** Rejected with so often that its stack would cost more than all the rest. */
const ENDED = new Error('the wait was ended');
const CREEP_MS = 12;
const LEAP_EVERY = 400;
const LEAP_MS = 20_000;

export class Scheduler {
  now: number;
  /** Steps taken so far. */
  steps = 0;
  /** Time leaps now and then, as for a machine that was paused. */
  leaps = true;
  /** Called before each step; faults happen here. */
  onStep: () => void = young(() => undefined);
  #waiting: Waiter[] = [];
  #timers: Timer[] = [];
  #isOver: () => boolean = young(() => false);
  #limit = 0;
  #ended: ((ending: Ending) => void) | null = null;
  #isPicking = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly random: Random,
    now: number,
  ) {
    this.now = now;
  }

  /** Waits until the scheduler lets this actor take its next step. */
  step(actor: Actor): Promise<void> {
    return new Promise((resume) => {
      if (this.#mayGoOn(actor)) this.#wait({ actor, resume });
      this.#pickSoon();
    });
  }

  /** An actor has nothing to do until it is called: another may go on. */
  rest(): void {
    this.#pickSoon();
  }

  /** Rejects if the signal fires first. */
  delay(actor: Actor, ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        reject(ENDED);
      };
      const resume = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const timer: Timer = { actor, at: this.now + ms, resume };
      if (this.#mayGoOn(actor)) this.#addTimer(timer);
      signal?.addEventListener('abort', onAbort);
      this.#pickSoon();
    });
  }

  /** The actor does nothing until so long from now. */
  suspend(actor: Actor, ms: number): void {
    actor.asleepUntil = this.now + ms;
    const later = this.#waiting.filter((waiter) => waiter.actor === actor);
    this.#waiting = this.#waiting.filter((waiter) => waiter.actor !== actor);
    for (const waiter of later) this.#wait(waiter);
  }

  /** A suspended actor goes on so soon. */
  wake(actor: Actor, inMs: number): void {
    const asleep = this.#timers.filter((timer) => timer.actor === actor && timer.at === actor.asleepUntil);
    actor.asleepUntil = this.now + inMs;
    this.#timers = this.#timers.filter((timer) => !asleep.includes(timer));
    for (const timer of asleep) this.#addTimer({ ...timer, at: actor.asleepUntil });
  }

  /** Each waiting step of the actor is either gone for good or left to a zombie. */
  kill(actor: Actor, zombieSteps: number): void {
    actor.isAlive = false;
    actor.steps = zombieSteps;
    if (zombieSteps > 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.actor !== actor);
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor);
  }

  /** No zombie ever goes on. */
  endZombies(): void {
    this.#waiting = this.#waiting.filter(({ actor }) => actor.isAlive);
    this.#timers = this.#timers.filter(({ actor }) => actor.isAlive);
  }

  /** Ends the run with this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Takes steps until `isOver`, or nobody can go on, or so many steps were taken. */
  async run(isOver: () => boolean, maxSteps: number): Promise<Ending> {
    this.#isOver = isOver;
    this.#limit = this.steps + maxSteps;
    const ending = await new Promise<Ending>((resolve) => {
      this.#ended = resolve;
      this.#watch();
    });
    if (this.#failure !== null) throw this.#failure.error;
    return ending;
  }

  /** Steps follow each other within microtasks; this starts them and goes on where a step led to no other. */
  #watch(): void {
    setImmediate(() => {
      if (this.#ended === null) return;
      if (!this.#isPicking) this.#pick();
      this.#watch();
    });
  }

  #pickSoon(): void {
    if (this.#ended === null || this.#isPicking) return;
    this.#isPicking = true;
    void SOON.then(this.#pickNow);
  }

  readonly #pickNow = young((): void => {
    this.#isPicking = false;
    this.#pick();
  });

  #pick(): void {
    if (this.#ended === null) return;
    if (this.#failure !== null || this.#isOver()) return this.#end('done');
    if (this.steps >= this.#limit) return this.#end('exhausted');
    this.steps += 1;
    const isLeap = this.leaps && this.random.oneIn(LEAP_EVERY);
    this.now += this.random.below(isLeap ? LEAP_MS : CREEP_MS);
    this.onStep();
    this.#ring();
    const at = this.random.below(Math.max(this.#waiting.length, 1));
    const waiter = this.#waiting[at];
    if (waiter === undefined) {
      if (this.#timers.length === 0) this.#end('idle');
      return;
    }
    this.#waiting[at] = this.#waiting[this.#waiting.length - 1] ?? waiter;
    this.#waiting.pop();
    if (waiter.actor.isAlive || waiter.actor.steps-- > 0) waiter.resume();
    else this.#pickSoon();
  }

  #end(ending: Ending): void {
    const ended = this.#ended;
    this.#ended = null;
    ended?.(ending);
  }

  /** Lets everybody go on whose time has come; if nobody waits for anything else, the time of the next one comes. */
  #ring(): void {
    const [next] = this.#timers;
    if (next === undefined) return;
    if (this.#waiting.length === 0 && next.at > this.now) this.now = next.at;
    let due = 0;
    for (const { actor, at, resume } of this.#timers) {
      if (at > this.now) break;
      this.#waiting.push({ actor, resume });
      due += 1;
    }
    if (due > 0) this.#timers.splice(0, due);
  }

  #wait(waiter: Waiter): void {
    const at = waiter.actor.asleepUntil;
    if (at > this.now) this.#addTimer({ ...waiter, at });
    else this.#waiting.push(waiter);
  }

  #addTimer(timer: Timer): void {
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.at ?? 0) > timer.at) at -= 1;
    this.#timers.splice(at, 0, timer);
  }

  #mayGoOn({ isAlive, steps }: Actor): boolean {
    return isAlive || steps > 0;
  }
}

/** Ends with the schedule; any error ends the schedule. */
export function forever(scheduler: Scheduler, round: () => Promise<void>): void {
  const go = async (): Promise<never> => {
    for (;;) await round();
  };
  go().catch((error: unknown) => scheduler.fail(error));
}
