/** The story of a roster in one go, on a namespace of its own; exit 1 if an act did not go as told. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ACTS } from './demo/acts.js';
import { wrap } from './demo/playbill.js';
import { withDatabase } from './demo/rows.js';
import { Sandbox } from './demo/sandbox.client.js';
import { onStage, StageError, type Stage } from './demo/stage.js';
import { ActFailedError, Theatre } from './demo/theatre.js';
import { InfrastructureError } from './infrastructure/infrastructure.js';
import { defaultDataFolder } from './project.js';
import { AdminApiError } from './start/admin-api.client.js';
import { RunStuckError } from './start/runs.js';

const USAGE = 'npm run demo -- [--data DIR]';
const EXIT_USAGE = 64;

const say = (line: string): void => void process.stderr.write(`rollcall: ${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

async function playAll(stage: Stage): Promise<number> {
  const sandbox = new Sandbox(stage.sandboxUrl);
  const districtId = await sandbox.districtId();
  const startedAt = Date.now();
  await withDatabase(stage.infrastructure.databaseUrl, async (client) => {
    const theatre = new Theatre(stage, client, sandbox, districtId);
    for (const [index, { title, play }] of ACTS.entries()) {
      print(`\n${index + 1}. ${title}\n`);
      await theatre.beginAct();
      await play(theatre, (text) => print(text.startsWith(' ') ? `${text}\n` : `${wrap(text)}\n`));
      print('  Checked against the rows in Postgres and what the sandbox shares: as told.');
    }
  });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  print(`\nThe demo went as told: ${ACTS.length} acts in ${seconds} s.`);
  return 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { data: { type: 'string' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    print(USAGE);
    return 0;
  }
  const folder = join(resolve(values.data ?? defaultDataFolder), 'demo');
  return onStage({ name: 'demo', folder, sandboxArgs: ['--districts', '1'], say }, playAll);
}

async function demo(): Promise<number> {
  try {
    return await main();
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true) {
      say(`${(error as Error).message}\n${USAGE}`);
      return EXIT_USAGE;
    }
    const isTold = [ActFailedError, StageError, InfrastructureError, AdminApiError, RunStuckError].some(
      (kind) => error instanceof kind,
    );
    print('\nThe demo did NOT go as told.');
    if (!isTold) throw error;
    say((error as Error).message);
    return 1;
  }
}

process.exitCode = await demo();
