import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { ConflictException } from '@nestjs/common';
import { AT, DISTRICT, ScratchLedger } from '../../../../libs/ledger/test/scratch-ledger.js';
import { ConsoleLedger, OpeningLedger } from '#ledger';
import { LedgerClock } from '../ledger.clock.js';
import type { StepRunner } from '../step-runner.js';
import { RunRequests } from './run-requests.js';

const scratch = new ScratchLedger('requests');
const clock = new LedgerClock();
const openings = new OpeningLedger(scratch.connection);
const steps = { poke: () => undefined } as unknown as StepRunner;
const requests = new RunRequests(new ConsoleLedger(scratch.connection), openings, steps, clock);

beforeAll(() => scratch.connection.migrate());
beforeEach(async () => {
  await scratch.reset();
  clock.setTo(AT);
});
afterAll(() => scratch.drop());

it('a dry run does not take the place of a try that is ahead of a run that failed', async () => {
  const again = { cause: 'retry', dryRun: false, retries: 'scheduled', attempt: 1, failures: 2 } as const;
  await openings.want({ districtId: DISTRICT, ...again, dueAt: AT + 60_000 });
  const refused = requests.request(DISTRICT, { dryRun: true });
  await expect(refused).rejects.toBeInstanceOf(ConflictException);
  await expect(refused).rejects.toThrow(
    `a failed run is tried again at ${new Date(AT + 60_000).toISOString()}: a dry run would take its place`,
  );
  expect(await scratch.count(`wishes where cause = 'retry' and failures = 2 and not dry_run`)).toBe(1);
});

it('a dry run does not supersede a plan that waits for a decision', async () => {
  const run = await scratch.put(7, 'held');
  const refused = requests.request(DISTRICT, { dryRun: true });
  await expect(refused).rejects.toBeInstanceOf(ConflictException);
  await expect(refused).rejects.toThrow(
    'the plan of run 7 waits for a decision: a dry run would supersede it',
  );
  expect(await scratch.of(run, 'state')).toBe('held');
  expect(await scratch.count('wishes')).toBe(0);
});
