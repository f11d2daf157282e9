import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ScratchLedger } from '../../../../libs/ledger/test/scratch-ledger.js';
import { DistrictLedger, OpeningLedger } from '#ledger';
import { Discovery } from '#school-passport';
import { Health, loadConfig, ServiceLog } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { LedgerClock } from '../ledger.clock.js';
import type { StepRunner } from '../step-runner.js';
import { DistrictSchedule } from './district.schedule.js';

const scratch = new ScratchLedger('district_schedule');
const folder = mkdtempSync(join(tmpdir(), 'rollcall-schedule-'));
const file = join(folder, 'districts.json');
const lines: string[] = [];

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await scratch.drop();
});

/** A look of a coordinator at a districts file that says this; the active districts behind it. */
async function look(entries: readonly object[]): Promise<readonly unknown[]> {
  writeFileSync(file, JSON.stringify(entries));
  const steps: Pick<StepRunner, 'poke'> = { poke: () => undefined };
  const schedule = new DistrictSchedule(
    new Discovery({ districtsFile: file }),
    new DistrictLedger(scratch.connection),
    new OpeningLedger(scratch.connection),
    steps as StepRunner,
    new SchedulerRegistry(),
    loadConfig(CoordinatorConfig, {
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: scratch.url,
      DISTRICTS_FILE: file,
      COORDINATOR_SCHEDULE: 'off',
    }),
    new LedgerClock(),
    new ServiceLog('coordinator', 'info', (line) => void lines.push(line)),
    new Health(),
  );
  await schedule.read();
  const { rows } = await scratch.connection.query<{ districtId: string }>(
    `select district_id as "districtId" from ledger.districts where state = 'active' order by 1`,
  );
  return rows.map(({ districtId }) => districtId);
}

const bearer = { oneRosterUrl: 'https://sis.example.org/or', auth: 'bearer', token: 'hush' };
const north = { ...bearer, districtId: 'north' };
const south = { ...bearer, districtId: 'south' };
const wrong = { ...south, token: undefined };

describe('an entry of the districts file that cannot be used', () => {
  it('leaves its district as it was, and those of the other entries are as the file says', async () => {
    expect(await look([north, south])).toEqual(['north', 'south']);
    expect(await look([wrong])).toEqual(['south']);
    expect(await look([north, wrong])).toEqual(['north', 'south']);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      event: 'districts',
      faults: [expect.stringContaining('DISTRICTS_FILE: entry 2: token must be')],
    });
    expect(await look([north])).toEqual(['north']);
    expect(await look([north, wrong])).toEqual(['north']);
  });

  it('and does not say whose it is suspends nobody: it may be anybody’s', async () => {
    expect(await look([north, south])).toEqual(['north', 'south']);
    expect(await look([{ ...wrong, districtId: 'no id' }])).toEqual(['north', 'south']);
  });
});
