/** Removes what was archived long ago: index entry, topic (a tombstone), row and history. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { runOnStores, toExitCode, UsageError } from './purge/command.js';
import { Removal } from './purge/removal.js';

const USAGE = `npm run purge -- --older-than DAYSd [--district ID]
  removes records archived more than so many days ago, of one district or of all
  needs KAFKA_BROKERS, REDIS_URL, DATABASE_URL (a role in <namespace>_purge that may lock ledger.districts)
  exit: 0 done, 4 a run of a district is not closed`;
const DAY_MS = 86_400_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { 'older-than': { type: 'string' }, district: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const [, days] = /^(\d{1,5})d$/.exec(values['older-than'] ?? '') ?? [];
  if (days === undefined) throw new UsageError(`--older-than is a number of days, such as 400d\n${USAGE}`);
  const before = new Date(Date.now() - Number(days) * DAY_MS);
  return runOnStores('purge', async (stores) => {
    const removal = new Removal(stores);
    const districts = values.district === undefined ? await removal.rows.districts() : [values.district];
    for (const districtId of districts) {
      const removed = await removal.purge(districtId, before);
      process.stdout.write(
        `${JSON.stringify({ districtId, archivedBefore: before.toISOString(), removed })}\n`,
      );
    }
    return 0;
  });
}

process.exitCode = await toExitCode('purge', main);
