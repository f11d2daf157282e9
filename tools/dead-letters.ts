/** Lists what could not be understood and is not yet right, or writes it as CSV. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ConfigError, EXIT_CONFIG, Health, loadConfig, ServiceLog } from '#service';
import { MigrationConfig } from '../apps/persister/src/migrate.command.js';
import { PersisterConfig } from '../apps/persister/src/persister.config.js';
import { LETTER_COLUMNS, listLetters } from '../apps/persister/src/roster-store/dead-letter-list.js';
import { RosterDatabase } from '../apps/persister/src/roster-store/roster-database.js';
import { toCsv } from './dead-letters/csv.js';
import { formatTable } from './start/summary.js';

const USAGE = `npm run dead-letters -- [--csv] [--all] [--contents] [--district ID]
  --all       those too that a later snapshot has cleared
  --contents  with what was in them, as base64, in the CSV: it may hold personal data
  needs DATABASE_URL`;
const EXIT_USAGE = 64;
const SHOWN = ['at', 'service', 'district_id', 'entity_type', 'gg4l_id', 'times', 'reason'];

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const options = { csv: flag, all: flag, contents: flag, help: flag, district: { type: 'string' } } as const;
  const { values } = parseArgs({ options });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const config = Object.assign(new PersisterConfig(), loadConfig(MigrationConfig));
  const database = new RosterDatabase(config, new ServiceLog('tools', 'error'), new Health());
  try {
    const filter = { all: values.all, contents: values.contents };
    const letters = await listLetters(
      database,
      values.district === undefined ? filter : { ...filter, districtId: values.district },
    );
    process.stdout.write(values.csv ? asCsv(letters, values.contents) : asTable(letters));
    return 0;
  } finally {
    await database.onApplicationShutdown();
  }
}

type Letters = readonly Readonly<Record<string, unknown>>[];

function asCsv(letters: Letters, contents: boolean): string {
  return toCsv([...LETTER_COLUMNS, ...(contents ? ['contents'] : [])], letters);
}

function asTable(letters: Letters): string {
  if (letters.length === 0) return 'no dead letters\n';
  const text = (value: unknown): string =>
    value instanceof Date ? value.toISOString() : ((value ?? '') as string | number).toString();
  return `${formatTable([SHOWN, ...letters.map((letter) => SHOWN.map((name) => text(letter[name])))])}\n`;
}

try {
  process.exitCode = await main();
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!(error instanceof ConfigError) && !isUsage) throw error;
  process.stderr.write(`dead-letters: ${(error as Error).message}\n`);
  process.exitCode = isUsage ? EXIT_USAGE : EXIT_CONFIG;
}
