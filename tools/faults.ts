/**
 * The whole fault matrix on servers of its own: every case as it is played, then a table of all; exit 1 if one failed.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from '../test/pipeline/faults/cases.js';
import { FaultWorld } from '../test/pipeline/faults/fault-world.js';
import type { FaultCase, Played } from '../test/pipeline/faults/fault-case.js';
import { playCase } from '../test/pipeline/faults/play-case.js';
import { formatLine, formatMarkdown, formatMatrix, formatTotals } from './faults/matrix.js';
import { openServers } from './faults/own-servers.js';
import { InfrastructureError } from './infrastructure/infrastructure.js';
import { awaitInterruption, EXIT_INTERRUPTED, Interrupted, orExit } from './start/interruption.js';

const USAGE =
  'npm run faults -- [--only TEXT]... [--list] [--json | --markdown] [--data DIR]   (--only: cases whose name has TEXT)';
const EXIT_USAGE = 64;

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const FORMATS = {
  table: (all: readonly Played[]) => `\n${formatMatrix(all)}\n\n${formatTotals(all)}`,
  json: (all: readonly Played[]) => JSON.stringify(all),
  markdown: (all: readonly Played[]) => `${formatMarkdown(all)}\n\n${formatTotals(all)}`,
} as const;

interface Options {
  readonly cases: readonly FaultCase[];
  readonly list: boolean;
  readonly format: keyof typeof FORMATS;
  readonly dataFolder: string | null;
}

function readOptions(): Options | null {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({
    options: {
      ...{ only: { ...text, multiple: true }, data: text },
      ...{ list: flag, json: flag, markdown: flag, help: flag },
    },
  });
  if (values.help === true) return null;
  const cases = CASES.filter(({ name }) => (values.only ?? ['']).some((text) => name.includes(text)));
  const dataFolder = values.data === undefined ? null : resolve(values.data);
  const { list = false, json = false, markdown = false } = values;
  return { cases, list, format: json ? 'json' : markdown ? 'markdown' : 'table', dataFolder };
}

async function playAll(world: FaultWorld, cases: readonly FaultCase[]): Promise<readonly Played[]> {
  const all: Played[] = [];
  for (const fault of cases) {
    const played = await playCase(world, fault);
    all.push(played);
    say(`${all.length}/${cases.length} ${formatLine(played)}`);
    if (played.failure !== null) say(played.failure);
  }
  return all;
}

async function playOn(dataFolder: string, { cases, format }: Options): Promise<number> {
  const interrupted = awaitInterruption();
  const own = await orExit(openServers(dataFolder, say), interrupted);
  try {
    const { kafka, redis, postgres } = own.servers;
    Object.assign(process.env, {
      KAFKA_BROKERS: kafka.url,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    });
    const world = await orExit(FaultWorld.open(own.servers), interrupted);
    say(`two instances of each service are up; ${cases.length} cases`);
    const all = await orExit(playAll(world, cases), interrupted);
    await world.close();
    print(FORMATS[format](all));
    return all.every(({ failure }) => failure === null) ? 0 : 1;
  } finally {
    await own.close();
  }
}

async function main(): Promise<number> {
  let options;
  try {
    options = readOptions();
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    say(`${(error as Error).message}\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (options === null || options.list) {
    print(options === null ? USAGE : options.cases.map(({ name }) => name).join('\n'));
    return 0;
  }
  const folder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'rollcall-faults-servers-'));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755); // Postgres runs as a user of its own where we are root
  try {
    return await playOn(folder, options);
  } catch (error) {
    if (error instanceof Interrupted) return EXIT_INTERRUPTED;
    if (!(error instanceof InfrastructureError)) throw error;
    say(error.message);
    return 1;
  } finally {
    if (options.dataFolder === null) rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
