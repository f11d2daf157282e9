import { expect, it } from '@jest/globals';
import type { RawMessage } from '#contracts';
import { applyAndSweep, snapshotMessages } from '../../test/district.fixture.js';
import { inMemory } from '../../test/partition.ground.js';

const TYPES = ['orgs', 'courses', 'classes', 'users', 'enrollments'];
const sharing = (gg4lId: string) => Object.fromEntries(TYPES.map((type) => [type, { [gg4lId]: 'v1' }]));

/** With a marker behind each message, so that each is a step of its own. */
const inSteps = (messages: readonly RawMessage[]): RawMessage[] =>
  messages.flatMap((message) => [message, { kind: 'ask', nonce: 'nonce' }]);

it.each([
  ['planning', 'reconciler.after-plan'],
  ['applying', 'reconciler.after-slice'],
  ['sweeping', 'reconciler.after-archived'],
])('a partition says every five seconds that it is %s', async (phase, step) => {
  const ground = inMemory();
  await ground.ask();
  await ground.run(10, sharing('here before'));
  ground.atFailpoint = (name) => {
    if (name === step) ground.now += 3_000;
  };
  ground.logs.append(...inSteps(snapshotMessages(11, sharing('here now'))), ...applyAndSweep(11));
  await ground.follow();
  const said = ground.logs.reports.flatMap((report) => (report.kind === 'busy' ? [report.phase] : []));
  expect(said).toEqual([phase, phase]);
});
