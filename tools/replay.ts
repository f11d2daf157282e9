/** Rebuilds tables from the change topics alone, while everything runs, and proves them equal to the last watermarks. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ENTITY_TYPES, isEntityType } from '#contracts';
import { loadConfig } from '#service';
import { PersisterConfig } from '../apps/persister/src/persister.config.js';
import { toExitCode, UsageError } from './purge/command.js';
import { replayTopics } from './replay/replay-topics.js';
import { exitCodeOf, toJson, toText } from './replay/telling.js';

const USAGE = `npm run replay -- [--type TYPE]... [--into DATABASE] [--json]
  reads the change topics of ROLLCALL_NAMESPACE from their start into schema roster of its database, or of another,
  which is made and migrated if it is missing, and gets the list of the erased; needs KAFKA_BROKERS, DATABASE_URL
  exit: 0 equal to the last watermark of every district, 2 not, or not seen to be: what differed changed again
  before it could be compared anew, 3 equal where it could be compared, which was not so for every district`;
const DATABASE = /^[a-z][a-z0-9_]{0,30}$/;

async function main(): Promise<number> {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { type: { ...text, multiple: true }, into: text, json: flag, help: flag },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const types = (values.type ?? ENTITY_TYPES).map((type) => {
    if (isEntityType(type)) return type;
    throw new UsageError(`--type is one of ${ENTITY_TYPES.join(', ')}`);
  });
  if (values.into !== undefined && !DATABASE.test(values.into))
    throw new UsageError('--into is 1 to 31 of a-z, 0-9 and _, beginning with a letter');
  const config = loadConfig(PersisterConfig);
  const replayed = await replayTopics(config, types, values.into ?? config.ROLLCALL_NAMESPACE);
  process.stdout.write(values.json ? toJson(replayed) : toText(replayed));
  return exitCodeOf(replayed);
}

process.exitCode = await toExitCode('replay', main);
