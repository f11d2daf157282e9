import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { loadConfig, Health, ServiceLog, ServiceModule } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { CoordinatorModule } from '../coordinator.module.js';
import { DistrictSchedule } from './district.schedule.js';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-schedule-'));
  file = join(folder, 'districts.json');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The schedule of a coordinator whose Postgres is away, and the lines it logs. */
async function schedule() {
  const lines: string[] = [];
  const log = new ServiceLog('coordinator', 'info', (line) => void lines.push(line));
  const config = loadConfig(CoordinatorConfig, {
    KAFKA_BROKERS: '127.0.0.1:9',
    DATABASE_URL: 'postgres://127.0.0.1:9/rollcall',
    DISTRICTS_FILE: file,
  });
  const module = await Test.createTestingModule({
    imports: [ServiceModule.forRoot('coordinator', config, log), CoordinatorModule],
  }).compile();
  return { schedule: module.get(DistrictSchedule), health: module.get(Health, { strict: false }), lines };
}

describe('a look at Discovery', () => {
  it.each([
    ['Discovery cannot be read', 'no JSON'],
    ['Postgres is away', '[]'],
  ])('that fails because %s says so, and ends nothing', async (_, contents) => {
    writeFileSync(file, contents);
    const { schedule: looking, health, lines } = await schedule();
    await looking.lookAgain();
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['discovery-failed']);
    expect(await health.failing()).toContain('discovery');
  });
});
