import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { AT, ScratchLedger } from '../../../../libs/ledger/test/scratch-ledger.js';
import { UpkeepLedger } from '#ledger';
import { ServiceLog } from '#service';
import { LedgerClock } from '../ledger.clock.js';
import { LedgerUpkeep } from './ledger.upkeep.js';

const DAY_MS = 86_400_000;
const scratch = new ScratchLedger('kept');

beforeAll(() => scratch.connection.migrate());
afterAll(() => scratch.drop());

it('a coordinator that starts rids the ledger of what is older than 90 days, and says so', async () => {
  await scratch.connection.query(
    `insert into ledger.lifecycle_events (district_id, generation, moment, time, body, published_at)
     select 'd-1', days, 'opened', now(), '{}', ledger.at($1::float8) - days * interval '1 day'
       from unnest(array[89, 91]) days`,
    [AT],
  );
  const lines: string[] = [];
  let hear: () => void = () => undefined;
  const isTold = new Promise<void>((resolve) => (hear = resolve));
  const clock = new LedgerClock();
  clock.setTo(AT + DAY_MS / 2);
  const log = new ServiceLog('coordinator', 'info', (line) => {
    lines.push(line);
    hear();
  });
  const upkeep = new LedgerUpkeep(new UpkeepLedger(scratch.connection), new SchedulerRegistry(), clock, log);
  upkeep.onApplicationBootstrap();
  await isTold;
  await upkeep.beforeApplicationShutdown();
  expect(await scratch.count('lifecycle_events where generation = 89')).toBe(1);
  expect(await scratch.count('lifecycle_events')).toBe(1);
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    expect.objectContaining({ event: 'ledger-kept', answers: 0, events: 1 }),
  ]);
});
