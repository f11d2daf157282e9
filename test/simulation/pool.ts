/*
 * Shares schedules among worker threads, one per core. Every schedule is decided by its seed alone, so it does not
 * matter which thread runs it; the threads run the built files, with a young generation large enough that a schedule
 * is over before anything of it is copied.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { TrapKind } from './traps/traps.js';
import type { ScheduleResult } from './world/schedule.js';

/** Asks for the results of `count` seeds, or for the first of them that is violated when a guard is away. */
export type Order =
  | { readonly kind: 'run'; readonly seed: number; readonly count: number; readonly trap?: TrapKind }
  | { readonly kind: 'find'; readonly guard: string; readonly seed: number; readonly count: number };

export interface Found {
  readonly guard: string;
  /** Null: in none of the schedules. */
  readonly violated: ScheduleResult | null;
  readonly schedules: number;
}

const YOUNG_MB = 192;
const SLICE = 25;

export class Pool {
  readonly #workers: readonly Worker[];

  /** `file`: the built worker. */
  constructor(file: string | URL, threads = availableParallelism()) {
    this.#workers = Array.from(
      { length: Math.max(1, threads) },
      () => new Worker(file, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } }),
    );
  }

  /** All schedules of `count` seeds from `seed` on, in any order; with this trap set in each. */
  async run(
    seed: number,
    count: number,
    take: (results: readonly ScheduleResult[]) => void,
    trap?: TrapKind,
  ): Promise<void> {
    let next = 0;
    await this.#each(async (worker) => {
      while (next < count) {
        const slice = { kind: 'run', seed: seed + next, count: Math.min(SLICE, count - next) } as const;
        const order: Order = trap === undefined ? slice : { ...slice, trap };
        next += order.count;
        take((await ask(worker, order)) as readonly ScheduleResult[]);
      }
    });
  }

  /** One guard after the other on each thread. */
  async find(
    orders: readonly Extract<Order, { kind: 'find' }>[],
    take: (found: Found) => void,
  ): Promise<void> {
    const rest = [...orders];
    await this.#each(async (worker) => {
      for (let order = rest.shift(); order !== undefined; order = rest.shift()) {
        take((await ask(worker, order)) as Found);
      }
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #each(work: (worker: Worker) => Promise<void>): Promise<void> {
    await Promise.all(this.#workers.map(work));
  }
}

function ask(worker: Worker, order: Order): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (answer: unknown) => {
      worker.removeListener('error', reject);
      resolve(answer);
    });
    worker.postMessage(order);
  });
}
