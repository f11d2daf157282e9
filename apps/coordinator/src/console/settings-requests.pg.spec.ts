import 'reflect-metadata';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import { AT, DISTRICT, ScratchLedger } from '../../../../libs/ledger/test/scratch-ledger.js';
import { DistrictLedger } from '#ledger';
import { ServiceLog } from '#service';
import { LedgerClock } from '../ledger.clock.js';
import { SettingsRequests } from './settings-requests.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const scratch = new ScratchLedger('settings');
const clock = new LedgerClock();
let lines: object[] = [];
const log = new ServiceLog('coordinator', 'info', (line) => void lines.push(JSON.parse(line) as object));
const requests = new SettingsRequests(new DistrictLedger(scratch.connection), clock, log);

beforeAll(() => scratch.connection.migrate());
beforeEach(async () => {
  await scratch.reset();
  clock.setTo(AT);
  lines = [];
});
afterAll(() => scratch.drop());

const windowUntil = (until: string) => ({ rollover: { until, limits: { staleRatio: 0.6 } } });
const daysAhead = (days: number): string => new Date(AT + days * DAY_MS).toISOString();

describe('a rollover window', () => {
  it.each([
    ['that ends after more than a year', daysAhead(367)],
    ['that ends at no instant', '2026-W20'],
  ])('%s is refused, and nothing is stored', async (_, until) => {
    const refused = requests.put(DISTRICT, windowUntil(until));
    await expect(refused).rejects.toBeInstanceOf(BadRequestException);
    await expect(refused).rejects.toMatchObject({
      response: { message: ['rollover.until must be an instant, at most 366 days ahead'] },
    });
    expect(await scratch.count(`districts where settings = '{}'`)).toBe(1);
    expect(lines).toEqual([]);
  });

  it.each([daysAhead(365), daysAhead(-1)])('until %s is taken', async (until) => {
    await requests.put(DISTRICT, windowUntil(until));
    expect(await scratch.count(`districts where settings ? 'rollover'`)).toBe(1);
  });
});

describe('settings that were taken', () => {
  it('are logged: what differs from before, what is not left to its default, and every limit', async () => {
    const limits = { staleRatio: 0.2, staleFloor: 30 };
    await requests.put(DISTRICT, { limits, hour: 5, allow: { attributes: { users: ['givenName'] } } });
    await requests.put(DISTRICT, { ...windowUntil(daysAhead(30)), hour: 5, limits });
    await requests.put(DISTRICT, {});
    const told = { level: 'info', event: 'settings', districtId: DISTRICT };
    expect(lines).toMatchObject([
      { ...told, changed: ['allow', 'hour', 'limits'], set: ['allow', 'hour', 'limits'], limits },
      {
        ...{ ...told, changed: ['allow', 'rollover'], set: ['hour', 'limits', 'rollover'], limits },
        rollover: { until: daysAhead(30), limits: { staleRatio: 0.6 } },
      },
      { ...told, changed: ['hour', 'limits', 'rollover'], set: [] },
    ]);
    expect(JSON.stringify(lines)).not.toContain('givenName');
    expect(lines[2]).not.toHaveProperty('rollover');
  });

  it('are told of no district that does not exist', async () => {
    await requests.put('nobody', { hour: 5 });
    expect(lines).toEqual([]);
  });
});
