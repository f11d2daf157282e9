/** Removes what was archived long ago, or a district that left: index entry, topic (a tombstone), row and history. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { purgeArchived } from './purge/archived.js';
import { runOnStores, toExitCode, UsageError } from './purge/command.js';
import { DistrictPurge, DistrictStaysError } from './purge/district.js';
import { Removal, type Removed } from './purge/removal.js';

const USAGE = `npm run purge -- --older-than DAYSd [--district ID]
  removes records archived more than so many days ago, of one district or of all; passes by districts that are busy
npm run purge -- --district ID --whole [--confirm ID]
  removes a district that left, all of it; only while it is suspended (gone from Discovery, or its agreement ended).
  Without --confirm, naming the district once more, nothing is removed: it tells what would be
  needs KAFKA_BROKERS, REDIS_URL, DATABASE_URL (a role in <namespace>_purge that may lock ledger.districts)
  exit: 0 done, 1 the connection that kept runs from being opened was lost: ask again, 2 not confirmed, 3 the district
  is not suspended, 4 a run of a district is not closed, or a plan of it
  is held: the others are done`;
const DAY_MS = 86_400_000;
const EXIT_UNCONFIRMED = 2;
const EXIT_STAYS = 3;
const TELL_EVERY_MS = 2_000;

async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: { 'older-than': text, district: text, whole: flag, confirm: text, help: flag },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const { district, confirm, whole } = values;
  if (!whole) return purgeOld(values['older-than'], district);
  if (district === undefined || values['older-than'] !== undefined)
    throw new UsageError(`--whole is of one --district, whenever it was archived\n${USAGE}`);
  if (confirm !== undefined && confirm !== district)
    throw new UsageError('--confirm names the same district as --district');
  return purgeWhole(district, confirm !== undefined);
}

function purgeOld(olderThan = '', district: string | undefined): Promise<number> {
  const [, days] = /^(\d{1,5})d$/.exec(olderThan) ?? [];
  if (days === undefined) throw new UsageError(`--older-than is a number of days, such as 400d\n${USAGE}`);
  const before = new Date(Date.now() - Number(days) * DAY_MS);
  return runOnStores('purge', async (stores) => {
    const removal = new Removal(stores);
    const districts = district === undefined ? await removal.rows.districts() : [district];
    return purgeArchived(removal, districts, before, {
      line: (text) => process.stdout.write(`${text}\n`),
      warn: (text) => process.stderr.write(`purge: ${text}\n`),
    });
  });
}

function purgeWhole(districtId: string, isConfirmed: boolean): Promise<number> {
  return runOnStores('purge', async (stores) => {
    const purge = new DistrictPurge(new Removal(stores), districtId);
    try {
      const { reason, rows } = await purge.preview();
      process.stderr.write(`${districtId} is suspended (${reason ?? 'no reason told'}): ${counts(rows)}\n`);
      if (!isConfirmed) {
        process.stderr.write(
          'Nothing was removed. To remove all of it for good, in the index, the change topics and the tables: ' +
            `--confirm ${districtId}\n`,
        );
        return EXIT_UNCONFIRMED;
      }
      let toldAt = Date.now();
      const removed = await purge.run((progress) => {
        if (Date.now() - toldAt < TELL_EVERY_MS) return;
        toldAt = Date.now();
        process.stderr.write(`${progress.entityType}: ${progress.removed} removed\n`);
      });
      process.stdout.write(`${JSON.stringify({ districtId, whole: true, removed, done: true })}\n`);
      return 0;
    } catch (error) {
      if (!(error instanceof DistrictStaysError)) throw error;
      process.stderr.write(
        `purge: ${error.message}. A district is removed whole when it has left: when Discovery does not list it any ` +
          'more, or its agreement ended\n',
      );
      return EXIT_STAYS;
    }
  });
}

function counts(rows: Removed): string {
  return Object.entries(rows)
    .map(([type, count]) => `${count} ${type}`)
    .join(', ');
}

process.exitCode = await toExitCode('purge', main);
