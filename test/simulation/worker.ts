/* A thread of the pool: answers each order with what became of its schedules. */
import { parentPort } from 'node:worker_threads';
import { isSoughtInWilder, tamperingOf } from './guards/guards.js';
import type { Found, Order } from './pool.js';
import { scheduleOf } from './simulate.js';
import { runSchedule, type ScheduleResult } from './world/schedule.js';

async function run(seed: number, count: number): Promise<readonly ScheduleResult[]> {
  const results: ScheduleResult[] = [];
  for (let at = 0; at < count; at += 1) results.push(await runSchedule(scheduleOf(seed + at)));
  return results;
}

async function find(guard: string, seed: number, count: number): Promise<Found> {
  const options = { tampering: tamperingOf(guard), isWilder: isSoughtInWilder(guard) };
  for (let at = 0; at < count; at += 1) {
    const result = await runSchedule({ ...scheduleOf(seed + at), ...options });
    if (result.violation !== null) return { guard, violated: result, schedules: at + 1 };
  }
  return { guard, violated: null, schedules: count };
}

parentPort?.on('message', (order: Order) => {
  const { seed, count } = order;
  const answer = order.kind === 'run' ? run(seed, count) : find(order.guard, seed, count);
  // An error is not caught: it ends the thread, which the pool hears.
  void answer.then((result) => parentPort?.postMessage(result));
});
