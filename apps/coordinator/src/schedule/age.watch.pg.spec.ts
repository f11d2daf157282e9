import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { ScratchLedger, DISTRICT } from '../../../../libs/ledger/test/scratch-ledger.js';
import { DistrictLedger } from '#ledger';
import { loadConfig, Metrics, ServiceLog } from '#service';
import { CoordinatorConfig } from '../coordinator.config.js';
import { LedgerClock } from '../ledger.clock.js';
import { AgeWatch } from './age.watch.js';

const scratch = new ScratchLedger('age_watch');
const districts = new DistrictLedger(scratch.connection);

beforeAll(() => scratch.connection.migrate());
beforeEach(() => scratch.reset());
afterAll(() => scratch.drop());

/** What the watch of a coordinator shows and logs; `behindMs`: how far its own clock is behind the ledger's. */
async function look(behindMs = 0) {
  const lines: string[] = [];
  const metrics = new Metrics('coordinator');
  const clock = new LedgerClock();
  clock.setTo(Date.now() - behindMs);
  const watch = new AgeWatch(
    districts,
    new SchedulerRegistry(),
    loadConfig(CoordinatorConfig, {
      KAFKA_BROKERS: '127.0.0.1:9',
      DATABASE_URL: scratch.url,
      DISTRICTS_FILE: '/districts.json',
    }),
    clock,
    new ServiceLog('coordinator', 'info', (line) => void lines.push(line)),
    metrics,
  );
  await watch.look();
  return { text: await metrics.text(), lines };
}

describe('the watch over districts', () => {
  it('shows how many are active and how many suspended, 0 too', async () => {
    const before = await look();
    expect(before.text).toContain('rollcall_districts{state="active",service="coordinator"} 1');
    expect(before.text).toContain('rollcall_districts{state="suspended",service="coordinator"} 0');
    await districts.note([]);
    const { text } = await look();
    expect(text).toContain('rollcall_districts{state="active",service="coordinator"} 0');
    expect(text).toContain('rollcall_districts{state="suspended",service="coordinator"} 1');
    expect(text).not.toContain('rollcall_district_age_seconds{');
  });

  it("goes by the ledger's clock: a run completed just now is none that is still to come", async () => {
    await scratch.connection.query(
      `update ledger.districts set active_since = now() - interval '90 days', completed_at = now()`,
    );
    const { text, lines } = await look(600_000);
    expect(text).toContain(`rollcall_district_age_seconds{district="${DISTRICT}",service="coordinator"} 0`);
    expect(lines).toEqual([]);
  });
});
