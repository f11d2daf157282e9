/** Measures the whole way from School Passport to Postgres: a first load, an unchanged day, one percent changed. */
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ActFailedError, measureActs } from './bench/acts.js';
import { formatFigures, togetherOf } from './bench/table.js';
import { withDatabase } from './demo/rows.js';
import { onStage, StageError } from './demo/stage.js';
import { InfrastructureError } from './infrastructure/infrastructure.js';
import { defaultDataFolder } from './project.js';
import { AdminApiError } from './start/admin-api.client.js';

const USAGE = 'npm run bench -- [--records N] [--json] [--data DIR]';
const EXIT_USAGE = 64;
const RECORDS = 200_000;
const FEWEST = 500;
const MOST = 10_000_000;

class UsageError extends Error {}

interface BenchOptions {
  readonly records: number;
  readonly json: boolean;
  readonly folder: string;
}

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

function readOptions(): BenchOptions | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { records: text, data: text, json: flag, help: flag } });
  if (values.help === true) return null;
  const records = Number(values.records ?? RECORDS);
  if (!Number.isInteger(records) || records < FEWEST || records > MOST)
    throw new UsageError(`--records is a number from ${FEWEST} to ${MOST}`);
  const folder = join(resolve(values.data ?? defaultDataFolder), 'bench');
  return { records, json: values.json ?? false, folder };
}

async function bench({ records, json, folder }: BenchOptions): Promise<number> {
  const sandboxArgs = ['--districts', '0', '--records', String(records)];
  return onStage({ name: 'bench', folder, sandboxArgs, say }, async (stage) => {
    const acts = await withDatabase(stage.infrastructure.databaseUrl, (client) =>
      measureActs(stage, client, records, ({ act, recordsPerSecond, statesAt }) =>
        say(`${act}: ${recordsPerSecond} records/s; seconds until ${JSON.stringify(statesAt)}`),
      ),
    );
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', memoryBytes: totalmem() };
    const infrastructure = stage.infrastructure.kind;
    const tell = json ? say : print;
    tell(`\n${machine.cpus} × ${machine.model}, ${Math.round(machine.memoryBytes / 2 ** 30)} GB`);
    tell(`\n${formatFigures(acts)}\n`);
    if (json) {
      const figures = acts.map((act) => ({ ...act, cpuSecondsPerMillionTogether: togetherOf(act) }));
      print(JSON.stringify({ machine, infrastructure, acts: figures }));
    }
    return 0;
  });
}

async function main(): Promise<number> {
  try {
    const options = readOptions();
    if (options === null) print(USAGE);
    return options === null ? 0 : await bench(options);
  } catch (error) {
    const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (isUsage || error instanceof UsageError) {
      say(`${(error as Error).message}\n${USAGE}`);
      return EXIT_USAGE;
    }
    const isTold = [ActFailedError, StageError, InfrastructureError, AdminApiError].some(
      (kind) => error instanceof kind,
    );
    if (!isTold) throw error;
    say((error as Error).message);
    return 1;
  }
}

process.exitCode = await main();
