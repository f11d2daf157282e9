import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InfrastructureError, openInfrastructure } from './infrastructure/infrastructure.js';
import { defaultDataFolder } from './project.js';
import { awaitInterruption, orExit } from './start/interruption.js';

const USAGE = 'npm run infra -- [--data DIR] [--fresh]';
const EXIT_USAGE = 64;

const progress = (line: string): void => {
  process.stderr.write(`infra: ${line}\n`);
};

async function main(): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const { values } = parseArgs({ options: { data: { type: 'string' }, fresh: flag, help: flag } });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const interrupted = awaitInterruption();
  const opening = openInfrastructure({
    dataFolder: resolve(values.data ?? defaultDataFolder),
    fresh: values.fresh ?? false,
    progress,
  });
  const infrastructure = await orExit(opening, interrupted);
  const { kafkaBrokers, redisUrl, databaseUrl } = infrastructure;
  process.stdout.write(`${JSON.stringify({ kafkaBrokers, redisUrl, databaseUrl })}\n`);
  progress('all three answer; Ctrl-C ends them');
  const keepAlive = setInterval(() => undefined, 60_000);
  const died = infrastructure.died.then((reason) => {
    progress(reason);
    return 1;
  });
  const code = await Promise.race([interrupted.catch(() => 0), died]);
  clearInterval(keepAlive);
  await infrastructure.close();
  return code;
}

try {
  process.exitCode = await main();
} catch (error) {
  const expected = error instanceof InfrastructureError;
  const badOption = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!expected && !badOption) throw error;
  progress(badOption ? `${(error as Error).message}\nusage: ${USAGE}` : (error as Error).message);
  process.exitCode = badOption ? EXIT_USAGE : 1;
}
