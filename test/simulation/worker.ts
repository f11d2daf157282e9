/* A thread of the pool: answers each order with what became of its schedules. */
import { parentPort } from 'node:worker_threads';
import { without } from './guards/guards.js';
import type { Found, Order } from './pool.js';
import { scheduleOf } from './simulate.js';
import { runSchedule, type ScheduleResult } from './world/schedule.js';

async function run({
  seed,
  count,
  trap,
}: Extract<Order, { kind: 'run' }>): Promise<readonly ScheduleResult[]> {
  const results: ScheduleResult[] = [];
  for (let at = 0; at < count; at += 1) {
    const schedule = scheduleOf(seed + at);
    results.push(await runSchedule(trap === undefined ? schedule : { ...schedule, trap }));
  }
  return results;
}

async function find(guard: string, seed: number, count: number): Promise<Found> {
  for (let at = 0; at < count; at += 1) {
    const result = await runSchedule(without(guard, scheduleOf(seed + at)));
    if (result.violation !== null) return { guard, violated: result, schedules: at + 1 };
  }
  return { guard, violated: null, schedules: count };
}

parentPort?.on('message', (order: Order) => {
  const answer = order.kind === 'run' ? run(order) : find(order.guard, order.seed, order.count);
  // An error is not caught: it ends the thread, which the pool hears.
  void answer.then((result) => parentPort?.postMessage(result));
});
