import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ground, type ServiceName } from './support/ground.js';
import { throughKill } from './support/kill.js';
import { Stir } from './support/stir.js';

/** Service, the instant it dies at, and at which hit of it. */
const KILLS: readonly (readonly [ServiceName, string, number])[] = [
  ['fetcher', 'after-begin', 1],
  ['fetcher', 'mid-records', 1],
  ['fetcher', 'after-end', 1],
  ['fetcher', 'after-proof', 1],
  ['fetcher', 'before-confirm', 1],
  ['fetcher', 'after-confirm', 1],
  ['reconciler', 'before-plan', 1],
  ['reconciler', 'before-emit', 1],
  ['reconciler', 'after-emit', 1],
  ['reconciler', 'after-archive', 2],
  ['reconciler', 'after-watermarks', 1],
  ['persister', 'before-store', 1],
  ['persister', 'after-store', 2],
  ['persister', 'after-report', 3],
  ['coordinator', 'after-marker', 1], // ASK is sent
  ['coordinator', 'after-decision', 3], // to be confirmed, not told
  ['coordinator', 'after-decision', 4], // APPLY is decided, not sent
  ['coordinator', 'after-marker', 3], // SWEEP is sent, not noted
  ['coordinator', 'after-decision', 6], // completed, not told
];

describe('any service may be killed at any instant, and nobody has to repair anything by hand', () => {
  let ground: Ground;
  let districtId: string;
  let stir: Stir;

  beforeAll(async () => {
    ground = await Ground.open('kills');
    await ground.startServices();
    districtId = await ground.firstDistrict();
    stir = new Stir(ground.sandbox, districtId);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    await ground.expectEqual(districtId);
  });
  afterAll(() => ground.close());

  it.each(KILLS)('the %s killed at %s (hit %d) and started again', async (service, instant, hit) => {
    await stir.stir();
    const runToEnd = () => ground.coordinator.runToEnd(districtId);
    const run = await throughKill(ground, { service, instant, hit }, runToEnd);
    expect(run.state).toBe('completed');
    await ground.expectEqual(districtId);
  });
});
