/** Runs the protocol through random schedules of faults: the services' own step loops over logs and stores in memory. */
import { parseArgs } from 'node:util';
import { GUARDS, PAIRS } from '../test/simulation/guards/guards.js';
import { Pool, type Found } from '../test/simulation/pool.js';
import { add, noTotals, scheduleOf, shorten, type Totals } from '../test/simulation/simulate.js';
import { runSchedule, type ScheduleOptions, type ScheduleResult } from '../test/simulation/world/schedule.js';

const USAGE = `npm run simulate -- [--schedules N] [--seed S] [--one [--wild]] [--teeth [--only WORDS]]
  --one    only the schedule of that seed
  --wild   with the rarer troubles that half of the schedules meet
  --teeth  takes each guard away in turn, until a violation shows or N schedules have run
  --only   only guards whose name has these words`;
const EXIT_USAGE = 64;
const SCHEDULES = 20_000;
const TELL_EVERY_MS = 5_000;
const MAX_SHOWN = 5;
const WORKER = new URL('../test/simulation/worker.js', import.meta.url);

class UsageError extends Error {}

interface Options {
  readonly schedules: number;
  readonly seed: number;
  readonly mode: 'one' | 'teeth' | 'all';
  readonly only: string;
  readonly isWilder: boolean;
}

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);

function readOptions(): Options | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const known = { schedules: text, seed: text, one: flag, wild: flag, teeth: flag, only: text, help: flag };
  const { values } = parseArgs({ options: known });
  if (values.help === true) return null;
  const schedules = Number(values.schedules ?? SCHEDULES);
  const seed = Number(values.seed ?? 1);
  if (!Number.isInteger(schedules) || schedules < 1)
    throw new UsageError('--schedules is a whole number above 0');
  if (!Number.isInteger(seed) || seed < 0 || seed > 2 ** 31) throw new UsageError('--seed is a whole number');
  const mode = values.one === true ? 'one' : values.teeth === true ? 'teeth' : 'all';
  return { schedules, seed, mode, only: values.only ?? '', isWilder: values.wild === true };
}

async function runAll(pool: Pool, { seed, schedules }: Options): Promise<Totals> {
  const totals = noTotals();
  const startedAt = performance.now();
  let toldAt = startedAt;
  const tell = (): void => {
    toldAt = performance.now();
    const rate = Math.round(totals.schedules / ((toldAt - startedAt) / 1000));
    say(`${totals.schedules} of ${schedules} schedules, ${rate}/s, ${totals.violations.length} violations`);
  };
  await pool.run(seed, schedules, (results) => {
    for (const result of results) {
      add(totals, result);
      if (result.violation !== null) say(`seed ${result.seed}: ${result.violation}`);
    }
    if (performance.now() - toldAt > TELL_EVERY_MS) tell();
  });
  tell();
  return totals;
}

const scheduleFor = (seed: number, isWilder: boolean): ScheduleOptions =>
  isWilder ? { ...scheduleOf(seed), isWilder } : scheduleOf(seed);

async function showShortest({ seed }: ScheduleResult, isWilder = false): Promise<void> {
  const shortest = await shorten(scheduleFor(seed, isWilder));
  const { violation, faults } = await runSchedule(shortest);
  const left = [...(shortest.without ?? [])].join(', ') || 'none';
  say(
    `shortest like seed ${seed}: ${shortest.steps} steps under faults ${JSON.stringify(faults)}, ` +
      `left out: ${left}: ${violation ?? 'gone'}`,
  );
}

async function simulateMany(pool: Pool, options: Options): Promise<boolean> {
  const totals = await runAll(pool, options);
  for (const result of totals.violations.slice(0, MAX_SHOWN)) await showShortest(result);
  say(`faults: ${JSON.stringify(totals.faults)}`);
  const { schedules, messages, steps, completed, violations } = totals;
  process.stdout.write(
    `${schedules} schedules from seed ${options.seed}: ${violations.length} violations; ` +
      `${Math.round(messages / schedules)} messages, ${Math.round(steps / schedules)} steps and ` +
      `${(completed / schedules).toFixed(1)} completed runs each\n`,
  );
  return violations.length === 0;
}

async function simulateOne({ seed, isWilder }: Options): Promise<boolean> {
  const result = await runSchedule(scheduleFor(seed, isWilder));
  process.stdout.write(`${JSON.stringify(result)}\n`);
  if (result.violation !== null) await showShortest(result, isWilder);
  return result.violation === null;
}

/** A table: the guard, after how many schedules its absence showed, and in how many of 10,000 it was expected to. */
async function showTeeth(pool: Pool, { seed, schedules: count, only }: Options): Promise<boolean> {
  const all: Found[] = [];
  const guards = [...GUARDS, ...PAIRS].filter(({ name }) => name.includes(only));
  const orders = guards.map(({ name }) => ({ kind: 'find', guard: name, seed, count }) as const);
  await pool.find(orders, (found) => {
    all.push(found);
    say(`${found.violated === null ? 'NOT found' : 'found'} in ${found.schedules}: ${found.guard}`);
  });
  process.stdout.write('found after | of 10,000 | without this guard | first violation\n');
  for (const { name, expected } of guards) {
    const { violated, schedules } = all.find(({ guard }) => guard === name) ?? {
      violated: null,
      schedules: 0,
    };
    const after = violated === null ? `not in ${schedules}` : String(schedules);
    const first =
      violated === null ? '' : `seed ${violated.seed}: ${violated.violation?.split('\n')[0] ?? ''}`;
    process.stdout.write(`${after} | ${expected ?? '-'} | ${name} | ${first}\n`);
  }
  const missing = all.filter(({ violated }) => violated === null).length;
  process.stdout.write(`${all.length} guards taken away: ${all.length - missing} found, ${missing} not\n`);
  return missing === 0;
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
  if (options.mode === 'one') return (await simulateOne(options)) ? 0 : 1;
  const pool = new Pool(WORKER);
  try {
    const isGood = await (options.mode === 'teeth' ? showTeeth : simulateMany)(pool, options);
    return isGood ? 0 : 1;
  } finally {
    await pool.close();
  }
}

process.exitCode = await main();
