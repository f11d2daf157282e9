/** Erases one person by GG4L ID, with a receipt; or releases whom it erased. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { runOnStores, toExitCode, UsageError } from './purge/command.js';
import { eraseUser, isOfNobody } from './purge/erasure.js';
import { Removal } from './purge/removal.js';

const USAGE = `npm run erase -- --district ID --user GG4L-ID [--release]
  removes one person everywhere, and keeps them out of every snapshot from now on
  prints a receipt as one line of JSON; a receipt names nobody
  --release  the next snapshot brings the person back, if the district still shares them
  needs KAFKA_BROKERS, REDIS_URL, DATABASE_URL (a role in <namespace>_purge that may lock ledger.districts)
  exit: 0 done, 1 the connection that kept runs from being opened was lost: ask again, 2 something changed meanwhile:
  ask again, 3 nobody of that id was ever there: it is on the list all the same, 4 a run of the district is not closed:
  rows are emptied and snapshots that begin from now on are without the person; ask again when it is, to remove the rest`;
const EXIT_INCOMPLETE = 2;
const EXIT_NOBODY = 3;

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ options: { district: text, user: text, release: flag, help: flag } });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { district, user, release } = values;
  if (!district || !user) throw new UsageError(`both --district and --user are needed\n${USAGE}`);
  return runOnStores('erase', async (stores) => {
    const removal = new Removal(stores);
    if (release) {
      const released = await removal.rows.release(district, user);
      process.stdout.write(`${JSON.stringify({ districtId: district, released })}\n`);
      return 0;
    }
    const receipt = await eraseUser(removal, district, user);
    process.stdout.write(`${JSON.stringify(receipt)}\n`);
    if (!receipt.complete) return EXIT_INCOMPLETE;
    if (!isOfNobody(receipt)) return 0;
    process.stderr.write(
      'erase: neither rows, index, topics nor an earlier erasure know this id: is it written as the district has it? ' +
        'It is kept out of every snapshot from now on; --release takes it off the list\n',
    );
    return EXIT_NOBODY;
  });
}

process.exitCode = await toExitCode('erase', main);
