import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type DeadLetter, type EntityType } from '#contracts';
import { brokers, until } from '../../kafka/test/kafka.ground.js';
import { digestOf, encodeSampleWatermark } from '../test/sample-changes.js';
import { MemoryRosterStore } from '../test/memory.roster-store.js';
import { archived, created, updated } from '../test/sample-log.js';
import { PARTITIONS, SampleTopics } from '../test/sample-topics.js';
import { FileState } from './handlers/file.state.js';
import { MemoryState } from './handlers/memory.state.js';
import type { HandlerOptions } from './options.js';
import { RosterConsumer } from './roster-consumer.js';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-consumer-'));
const running: { consumer: RosterConsumer; run: Promise<void> }[] = [];
let topics = new SampleTopics();

afterEach(async () => {
  for (const { consumer } of running) consumer.stop();
  await Promise.allSettled(running.splice(0).map(({ run }) => run));
  await topics.close();
  topics = new SampleTopics();
  rmSync(folder, { recursive: true, force: true });
});

/** A consumer of some types that notes what it is told. */
function follow(types: readonly EntityType[], options: Partial<HandlerOptions> = {}) {
  const told = { changes: [] as string[], complete: [] as number[], drifts: [] as string[] };
  const letters: DeadLetter[] = [];
  const note = (change: { verb: string; entityType: string; gg4lId: string; generation: number }): void => {
    told.changes.push(`${change.verb} ${change.entityType} ${change.gg4lId} ${change.generation}`);
  };
  const all = { created: note, updated: note, restored: note, archived: note };
  const consumer = new RosterConsumer({
    kafka: { brokers: brokers(), clientId: 'spec', log: () => undefined },
    groupId: `${topics.namespace}.spec`,
    namespace: topics.namespace,
    handlers: Object.fromEntries(types.map((type) => [type, all])),
    onComplete: ({ generation }) => void told.complete.push(generation),
    onDrift: ({ generation, survived }) =>
      void told.drifts.push(`${survived ? 'survived' : 'drift'} ${generation}`),
    onDeadLetter: (letter) => void letters.push(letter),
    ...options,
  });
  const run = consumer.run();
  run.catch(() => undefined);
  running.push({ consumer, run });
  const stop = async (): Promise<void> => {
    consumer.stop();
    await run;
  };
  return { ...told, letters, run, stop };
}

const people = Array.from({ length: 20 }, (_, at) => created(`u-${at}`, 5));

describe('a consumer of handlers', () => {
  it('is called with every change, and told when the district is complete', async () => {
    await topics.create();
    await topics.completedRun(5, { users: people });
    const { changes, complete, drifts } = follow(['users']);
    await until(() => complete.length > 0);
    expect(changes.sort()).toEqual(people.map(({ id }) => `created users ${id} 5`).sort());
    await topics.completedRun(6, { users: [updated('u-1', 6), archived('u-2', 6)] });
    await until(() => complete.length > 1);
    expect(changes.slice(people.length).sort()).toEqual(['archived users u-2 6', 'updated users u-1 6']);
    expect([complete, drifts]).toEqual([[5, 6], []]);
  });

  it('goes on where it was after a restart, and doubles nothing', async () => {
    await topics.create();
    await topics.completedRun(5, { users: people });
    const path = join(mkdtempSync(join(tmpdir(), 'rollcall-consumer-')), 'state.jsonl');
    const before = await FileState.open(path);
    const first = follow(['users'], { state: before });
    await until(() => first.complete.length > 0);
    await first.stop();
    await before.close();
    await topics.completedRun(6, { users: [updated('u-1', 6)] });
    const after = await FileState.open(path);
    const second = follow(['users'], { state: after });
    await until(() => second.complete.includes(6));
    expect([second.changes, second.drifts]).toEqual([['updated users u-1 6'], []]);
    await second.stop();
    await after.close();
  });

  it('without a state begins at the start each time', async () => {
    await topics.create();
    await topics.completedRun(5, { users: people });
    for (let started = 0; started < 2; started += 1) {
      const { changes, complete, stop } = follow(['users']);
      await until(() => complete.length > 0);
      expect(changes).toHaveLength(people.length);
      await stop();
    }
  });

  it('hands out again what its own copy has lost, and tells of the drift', async () => {
    await topics.create();
    const copy = new Set<string>();
    const count: HandlerOptions['count'] = async (_district, type, partition) => {
      const own = people.filter(({ id }) => copy.has(id) && topics.partition(type, id) === partition);
      return { ...digestOf(own), highestGeneration: 5 };
    };
    const handlers = { users: { created: ({ gg4lId }: { gg4lId: string }) => void copy.add(gg4lId) } };
    await topics.completedRun(5, { users: people });
    const { complete, drifts } = follow(['users'], { handlers, count, state: new MemoryState() });
    await until(() => complete.includes(5));
    copy.delete('u-3');
    await topics.completedRun(6, {});
    await until(() => complete.includes(6));
    expect([copy.has('u-3'), drifts]).toEqual([true, ['drift 6']]);
  });

  it('makes a dead letter of what it cannot read, goes on, and the watermark shows what is missing', async () => {
    await topics.create();
    const { complete, drifts, letters, changes } = follow(['users']);
    const partition = topics.partition('users', 'u-1');
    await topics.raw('users', partition, 'any', Buffer.from('{"type":"roster.users.created"}'));
    await topics.write('users', people);
    // As if u-x had been what could not be read.
    const missing = { ...created('u-x', 5) };
    const held = [...topics.holds('users', partition), missing];
    await topics.watermarks('users', 5);
    await until(() => changes.length === people.length && complete.includes(5));
    const wrong = encodeSampleWatermark('users', { generation: 6, partition, ...digestOf(held) });
    await topics.raw('users', partition, '!watermark/district-1', wrong);
    await until(() => drifts.includes('survived 6'));
    expect(drifts).toEqual(['drift 6', 'survived 6']);
    expect(new Set(letters.map(({ origin }) => JSON.stringify(origin))).size).toBe(1);
    expect(letters[0]).toMatchObject({ origin: { topic: topics.names.users, partition } });
  });

  it('stops with an error where dead letters are too many, and commits none of them', async () => {
    await topics.create();
    for (let at = 0; at < 30; at += 1) await topics.raw('users', 0, 'any', Buffer.from('{"version":2}'));
    const { run, letters } = follow(['users'], { deadLetterLimit: { ratio: 0.05, floor: 20 } });
    await expect(run).rejects.toThrow(
      /would become dead letters, the last because: change message: unknown type/,
    );
    expect(letters.length).toBeLessThanOrEqual(20);
  });

  it('with the state it kept rejects topics made anew, and hands nothing out behind an old fence', async () => {
    await topics.create();
    await topics.completedRun(5, { users: people });
    for (let partition = 0; partition < PARTITIONS; partition += 1) await topics.fence('users', partition, 2);
    const state = new MemoryState();
    const before = follow(['users'], { state });
    await until(async () => {
      const standings = await Promise.all([0, 1, 2].map((partition) => state.standing('users', partition)));
      return standings.every(({ fences }) => fences.length === 2);
    });
    await before.stop();
    await topics.makeAnew();
    const many = Array.from({ length: 60 }, (_, at) => created(`n-${at}`, 7));
    await topics.completedRun(7, { users: many });
    const after = follow(['users'], { state, groupId: `${topics.namespace}.other` });
    await expect(after.run).rejects.toThrow(/not the topic that was read before.* a new group and state/);
    expect(after.complete).toEqual([]);
  });

  it('ends with the error of a handler that has a bug', async () => {
    await topics.create();
    await topics.write('users', people);
    const broken = () => {
      throw new TypeError('a bug');
    };
    const { run } = follow(['users'], { handlers: { users: { created: broken } } });
    await expect(run).rejects.toThrow('a bug');
  });
});

describe('a consumer with a store of its own', () => {
  it('has its rows written and compared, and is told when the district is complete', async () => {
    await topics.create();
    await topics.completedRun(5, { users: people });
    const store = new MemoryRosterStore();
    const complete: number[] = [];
    const consumer = new RosterConsumer({
      kafka: { brokers: brokers(), clientId: 'spec', log: () => undefined },
      groupId: `${topics.namespace}.store`,
      namespace: topics.namespace,
      store,
      types: ['users'],
      onComplete: ({ generation }) => void complete.push(generation),
    });
    const run = consumer.run();
    running.push({ consumer, run });
    await until(() => complete.includes(5));
    store.lose('users', 'district-1', 'u-3');
    await topics.completedRun(6, { users: [archived('u-2', 6)] });
    await until(() => complete.includes(6));
    const rows = [...store.rows('users')].filter(({ active }) => active);
    expect(rows.map(({ gg4lId }) => gg4lId).sort()).toEqual(
      people.flatMap(({ id }) => (id === 'u-2' ? [] : [id])).sort(),
    );
  });
});

describe('parents first', () => {
  it('a change of a child type waits until its parents’ watermarks of that generation have passed', async () => {
    await topics.create();
    const enrollments = people.map(({ id }) => created(`e-${id}`, 5));
    await topics.write('enrollments', enrollments);
    await topics.watermarks('enrollments', 5);
    const { changes, complete } = follow(ENTITY_TYPES, { parentsFirst: true, state: new MemoryState() });
    await topics.write('users', people);
    for (const type of ENTITY_TYPES.slice(0, 4)) await topics.watermarks(type, 5);
    await until(() => changes.length === people.length);
    expect(changes.every((said) => said.includes(' users '))).toBe(true);
    await topics.watermarks('users', 5);
    await topics.watermarks('demographics', 5);
    await until(() => complete.includes(5));
    expect(changes).toHaveLength(people.length * 2);
    expect(changes.slice(people.length).every((said) => said.includes(' enrollments '))).toBe(true);
  });

  it('two members of a group share their progress through the state', async () => {
    await topics.create();
    const state = new MemoryState();
    const one = follow(ENTITY_TYPES, { parentsFirst: true, state });
    const two = follow(ENTITY_TYPES, { parentsFirst: true, state });
    await topics.completedRun(5, {
      classes: people.map(({ id }) => created(`c-${id}`, 5)),
      users: people,
      enrollments: people.map(({ id }) => created(`e-${id}`, 5)),
    });
    await until(() => one.complete.includes(5) || two.complete.includes(5));
    expect(new Set([...one.changes, ...two.changes]).size).toBe(people.length * 3);
  });
});
