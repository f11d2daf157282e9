/** Runs the protocol through random schedules of faults: the services' own step loops over logs and stores in memory. */
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { add, noTotals, scheduleOf, shorten, simulate, type Totals } from '../test/simulation/simulate.js';
import { runSchedule, type ScheduleOptions, type ScheduleResult } from '../test/simulation/world/schedule.js';

const USAGE =
  'npm run simulate -- [--schedules N] [--seed S] [--one]   (--one: only the schedule of that seed)';
const EXIT_USAGE = 64;
const SCHEDULES = 20_000;
const SLICE = 50;
const TELL_EVERY_MS = 5_000;
const MAX_SHOWN = 5;

class UsageError extends Error {}

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);

function readOptions(): { schedules: number; seed: number; one: boolean } | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { schedules: text, seed: text, one: flag, help: flag } });
  if (values.help === true) return null;
  const schedules = Number(values.schedules ?? SCHEDULES);
  const seed = Number(values.seed ?? 1);
  if (!Number.isInteger(schedules) || schedules < 1)
    throw new UsageError('--schedules is a whole number above 0');
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 31) throw new UsageError('--seed is a whole number');
  return { schedules, seed, one: values.one ?? false };
}

/** Shares the seeds among workers, a slice at a time. */
async function simulateAll(seed: number, schedules: number): Promise<Totals> {
  const totals = noTotals();
  const startedAt = performance.now();
  let next = 0;
  let toldAt = startedAt;
  const tell = (): void => {
    const seconds = (performance.now() - startedAt) / 1000;
    const rate = Math.round(totals.schedules / seconds);
    say(`${totals.schedules} of ${schedules} schedules, ${rate}/s, ${totals.violations.length} violations`);
  };
  const worker = async (): Promise<void> => {
    const thread = new Worker(fileURLToPath(import.meta.url));
    try {
      while (next < schedules) {
        const [from, count] = [seed + next, Math.min(SLICE, schedules - next)];
        next += count;
        const results = await ask(thread, from, count);
        for (const result of results) add(totals, result);
        if (performance.now() - toldAt > TELL_EVERY_MS) {
          toldAt = performance.now();
          tell();
        }
      }
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, worker));
  tell();
  return totals;
}

function ask(thread: Worker, from: number, count: number): Promise<readonly ScheduleResult[]> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject);
    thread.once('message', (results: readonly ScheduleResult[]) => {
      thread.removeListener('error', reject);
      resolve(results);
    });
    thread.postMessage([from, count]);
  });
}

async function showViolation({ seed, violation }: ScheduleResult): Promise<void> {
  say(`seed ${seed}: ${violation ?? ''}`);
  const shortest = await shorten(scheduleOf(seed));
  const { violation: same, faults } = await runSchedule(shortest);
  const left = [...(shortest.without ?? [])].join(', ') || 'none';
  say(
    `  shortest like it: ${shortest.steps} steps under faults ${JSON.stringify(faults)}, left out: ${left}: ${same ?? 'gone'}`,
  );
}

async function main(): Promise<number> {
  let options;
  try {
    options = readOptions();
  } catch (error) {
    const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (!isUsage && !(error instanceof UsageError)) throw error;
    say(`${(error as Error).message}\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (options === null) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { seed, schedules, one } = options;
  const totals = one ? await simulate(seed, 1) : await simulateAll(seed, schedules);
  for (const result of totals.violations.slice(0, MAX_SHOWN)) await showViolation(result);
  say(`faults: ${JSON.stringify(totals.faults)}`);
  const { schedules: ran, messages, steps, completed, violations } = totals;
  const mean = Math.round(messages / ran);
  process.stdout.write(
    `${ran} schedules from seed ${seed}: ${violations.length} violations; ` +
      `${mean} messages, ${Math.round(steps / ran)} steps and ${(completed / ran).toFixed(1)} completed runs each\n`,
  );
  return violations.length === 0 ? 0 : 1;
}

/** A worker answers with the result of each seed it is given. */
function serve(): void {
  parentPort?.on('message', ([from, count]: [number, number]) => {
    const go = async (): Promise<void> => {
      const results: ScheduleResult[] = [];
      for (let at = 0; at < count; at += 1) results.push(await runSchedule(scheduleOf(from + at)));
      parentPort?.postMessage(results);
    };
    void go(); // an error ends the worker, which the main thread hears
  });
}

if (isMainThread) process.exitCode = await main();
else serve();
export type { ScheduleOptions };
void workerData;
