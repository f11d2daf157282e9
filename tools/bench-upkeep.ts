/** Measures verify and purge of a full district, and what the runs of another one wait for them. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ENTITY_TYPES } from '#contracts';
import { ActFailedError, follow } from './bench/acts.js';
import { changedRun, measureBeside, type Upkeep, type UpkeepFigures } from './bench-upkeep/beside-runs.js';
import { Sandbox } from './demo/sandbox.client.js';
import { onStage, StageError, type Stage } from './demo/stage.js';
import { InfrastructureError } from './infrastructure/infrastructure.js';
import { defaultDataFolder } from './project.js';
import { AdminApiError } from './start/admin-api.client.js';
import { formatTable } from './start/summary.js';

const USAGE = 'npm run bench:upkeep -- [--records N] [--json] [--data DIR]';
const EXIT_USAGE = 64;
const RECORDS = 1_000_000;
const [FEWEST, MOST] = [1_000, 10_000_000];
/** Runs of the other district before anything else is done. */
const QUIET_RUNS = 5;

interface SandboxDistrict {
  readonly districtId: string;
  readonly totals: Readonly<Record<string, number>>;
}

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);

async function measure(stage: Stage): Promise<readonly UpkeepFigures[]> {
  const sandbox = new Sandbox(stage.sandboxUrl);
  const districts = await sandbox.control<SandboxDistrict[]>('GET', 'districts');
  const [large, small] = [...districts].sort((a, b) => recordsOf(b) - recordsOf(a));
  if (large === undefined || small === undefined) throw new ActFailedError('the sandbox has two districts');
  await stage.api.readDiscovery();
  for (const { districtId } of [small, large]) {
    const { state, why } = await follow(stage, districtId);
    if (state !== 'completed') throw new ActFailedError(`the first load: ${state}, ${why ?? ''}`);
  }
  say(`${recordsOf(large)} records are in`);
  const figures: UpkeepFigures[] = [];
  const quiet: number[] = [];
  for (let n = 0; n < QUIET_RUNS; n += 1) quiet.push(await changedRun(stage, sandbox, small.districtId));
  figures.push({ act: 'nothing', seconds: quiet.reduce((sum, one) => sum + one, 0), runs: quiet, said: '' });
  const act = async (upkeep: Upkeep): Promise<void> => {
    const one = await measureBeside(stage, sandbox, small.districtId, upkeep);
    say(`${one.act}: ${one.seconds.toFixed(1)} s, ${one.said}`);
    figures.push(one);
  };
  const of = ['--district', large.districtId];
  await act({ act: 'verify', command: ['verify', ...of] });
  await act({ act: 'verify --deep', command: ['verify', '--deep', ...of] });
  await sandbox.control('POST', `districts/${large.districtId}/standing`, { standing: 'removed' });
  await stage.api.readDiscovery();
  await act({ act: 'purge --whole', command: ['purge', ...of, '--whole', '--confirm', large.districtId] });
  return figures;
}

function recordsOf({ totals }: SandboxDistrict): number {
  return ENTITY_TYPES.reduce((sum, type) => sum + (totals[type] ?? 0), 0);
}

function formatFigures(figures: readonly UpkeepFigures[]): string {
  const sorted = figures.map(({ runs }) => [...runs].sort((a, b) => a - b));
  const told = (value: number | undefined): string => value?.toFixed(1) ?? '-';
  return formatTable([
    ['', ...figures.map(({ act }) => act)],
    ['seconds', ...figures.map(({ seconds }) => told(seconds))],
    ['runs of the other district', ...sorted.map((runs) => String(runs.length))],
    ['seconds of each: middle', ...sorted.map((runs) => told(runs[runs.length >> 1]))],
    ['longest', ...sorted.map((runs) => told(runs.at(-1)))],
  ]);
}

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { records: text, data: text, json: flag, help: flag } });
  const records = Number(values.records ?? RECORDS);
  if (values.help || !Number.isInteger(records) || records < FEWEST || records > MOST) {
    process.stdout.write(`${USAGE}\n`);
    return values.help ? 0 : EXIT_USAGE;
  }
  const folder = join(resolve(values.data ?? defaultDataFolder), 'bench-upkeep');
  const sandboxArgs = ['--districts', '1', '--records', String(records)];
  try {
    return await onStage({ name: 'bench_upkeep', folder, sandboxArgs, say }, async (stage) => {
      const figures = await measure(stage);
      process.stdout.write(values.json ? `${JSON.stringify(figures)}\n` : `${formatFigures(figures)}\n`);
      return 0;
    });
  } catch (error) {
    const known = [ActFailedError, StageError, InfrastructureError, AdminApiError];
    if (!known.some((kind) => error instanceof kind)) throw error;
    say((error as Error).message);
    return 1;
  }
}

process.exitCode = await main();
