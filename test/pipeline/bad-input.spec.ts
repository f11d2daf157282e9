import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { Ground, SERVICES } from './support/ground.js';
import type { RunView } from './support/coordinator.client.js';
import type { DeadLetterRow } from './support/roster-rows.js';
import type { Fault } from './support/sandbox.client.js';
import { Stir } from './support/stir.js';
import { PARTITIONS } from './support/topics.js';

type SpoiltPage = readonly [what: string, fault: Fault, reason: RegExp];

const SPOILT_PAGES: readonly SpoiltPage[] = [
  ['is HTML', { kind: 'html-200', entityType: 'users' }, /HTML/],
  ['is not JSON', { kind: 'not-json', entityType: 'classes' }, /not JSON/],
  ['breaks off in the middle', { kind: 'truncated', entityType: 'users' }, /not JSON/],
  [
    'has no known collection',
    { kind: 'unknown-shape', entityType: 'enrollments' },
    /holds no list of enrollm/,
  ],
  ['is refused with 403', { kind: 'forbidden', entityType: 'users' }, /403/],
  ['is answered with 500 however often', { kind: 'status', status: 500, entityType: 'orgs' }, /500/],
];
/** More than the ways in which the sandbox spoils an id. */
const SPOILT_ROWS = 7;

let ground: Ground;
let districtIds: readonly string[];

beforeAll(async () => {
  ground = await Ground.open('bad_input', ['--districts', String(1 + SPOILT_PAGES.length)]);
  await ground.startServices();
  districtIds = await ground.districtIds();
  const runs = await Promise.all(districtIds.map((one) => ground.coordinator.runToEnd(one)));
  expect(runs.map(({ state }) => state)).toEqual(districtIds.map(() => 'completed'));
});
afterAll(() => ground.close());

const rowsOf = (districtId: string) =>
  Promise.all(ENTITY_TYPES.map((type) => ground.rows.of(districtId, type)));

async function letters(isOurs: (row: DeadLetterRow) => boolean, count: number) {
  return ground.fleet.until(`${count} dead letters were kept`, async () => {
    const found = (await ground.rows.deadLetters()).filter(isOurs);
    return found.length >= count && found;
  });
}

describe('a page that cannot be trusted aborts the run, and the old rows stay', () => {
  const open = new Map<string, RunView>();
  let districts: readonly string[];
  let before: readonly unknown[];

  beforeAll(async () => {
    districts = districtIds.slice(1);
    before = await Promise.all(districts.map(rowsOf));
    for (const [at, [, fault]] of SPOILT_PAGES.entries()) {
      const districtId = districts[at] ?? '';
      await new Stir(ground.sandbox, districtId).stir();
      await ground.sandbox.fault({ ...fault, districtId });
    }
    const runs = await Promise.all(districts.map((one) => ground.coordinator.open(one)));
    for (const run of runs) open.set(run.districtId, run);
  });

  it.each(SPOILT_PAGES.map(([what, , reason], at) => [what, reason, at] as const))(
    'a page that %s',
    async (_what, reason, at) => {
      const districtId = districts[at] ?? '';
      const run = open.get(districtId);
      if (run === undefined) throw new Error('no run was opened');
      const aborted = await ground.fleet.until('the run was aborted', async () => {
        const now = await ground.coordinator.run(run);
        return now.state === 'aborted' && now;
      });
      expect(aborted.why).toMatch(reason);
      expect(await rowsOf(districtId)).toEqual(before[at]);
      await ground.sandbox.noFaults(districtId);
      const next = await ground.coordinator.runToEnd(districtId);
      expect(next.state).toBe('completed');
      await ground.expectEqual(districtId);
    },
  );
});

describe('a record that cannot be read', () => {
  it('is a dead letter with type and row number, and holds the sweep', async () => {
    const districtId = await ground.firstDistrict();
    const [gone] = await ground.sandbox.shared(districtId, 'demographics');
    const school = { name: 'Rowan School', type: 'school', identifier: '88' };
    await ground.sandbox.edit(districtId, [
      { verb: 'remove', type: 'demographics', sourcedId: gone?.sourcedId },
      { verb: 'add', type: 'orgs', record: school },
    ]);
    await ground.sandbox.fault({
      kind: 'no-usable-id',
      districtId,
      entityType: 'users',
      count: SPOILT_ROWS,
    });
    const held = await ground.coordinator.runToEnd(districtId);
    expect(held.state).toBe('held');
    expect(held.guard).toContainEqual(
      expect.objectContaining({ rule: 'unreadable', entityType: 'users', effect: 'sweep' }),
    );
    const found = await letters((row) => row.generation === held.generation, SPOILT_ROWS);
    expect(found.map(({ entity_type, row_number }) => [entity_type, row_number])).toEqual(
      Array.from({ length: SPOILT_ROWS }, (_, at) => ['users', at + 1]),
    );
    const rows = (await rowsOf(districtId)).flat();
    expect(rows.filter(({ archived_at }) => archived_at !== null)).toEqual([]);
    expect(rows.map(({ name }) => name)).toContain(school.name);

    await ground.sandbox.noFaults(districtId);
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    await ground.expectEqual(districtId);
  });
});

describe('a message that cannot be decoded is a dead letter with its coordinates, and the partition goes on', () => {
  it.each([
    ['the raw log', 'raw', PARTITIONS, 'reconciler'],
    ['the reports', 'reports', 1, 'coordinator'],
    ['a change topic', 'changes', PARTITIONS, 'persister'],
    ['the dead letters', 'deadLetters', 1, 'persister'],
  ] as const)('in %s', async (_what, kind, partitions, service) => {
    const names = ground.topics.names;
    const topic = kind === 'changes' ? names.changes.users : names[kind];
    const districtId = await ground.firstDistrict();
    const spoilt: (readonly [number, string])[] = [];
    for (let partition = 0; partition < partitions; partition += 1) {
      spoilt.push([partition, String(await ground.topics.spoil(topic, partition))]);
    }
    const found = await letters((row) => row.topic === topic, partitions);
    expect(found.map((row) => [row.partition, String(row.log_offset)]).sort()).toEqual(spoilt);
    expect(new Set(found.map((row) => row.service))).toEqual(new Set([service]));
    await new Stir(ground.sandbox, districtId).stir();
    expect((await ground.coordinator.runToEnd(districtId)).state).toBe('completed');
    await ground.expectEqual(districtId);
    expect(ground.fleet.running(...SERVICES)).toHaveLength(SERVICES.length);
  });
});
