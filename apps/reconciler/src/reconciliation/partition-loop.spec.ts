import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { watermarkTerm, XorSum, type Change, type EntityType } from '#contracts';
import {
  applyAndSweep,
  DISTRICT,
  rawRecord,
  snapshotMessages,
  type Shared,
} from '../../test/district.fixture.js';
import { deliver, MemoryLogs } from '../../test/memory.logs.js';
import { MemoryRosterIndex } from '../../test/memory.roster-index.js';
import { PartitionLoop } from './partition-loop.js';

let index: MemoryRosterIndex;
let logs: MemoryLogs;

function loopOver(): PartitionLoop {
  const ports = { index, logs, clock: { now: () => 0 }, failpoint: () => undefined };
  return new PartitionLoop(0, ports, 'author');
}

/** What a consumer holds that applies an event only if its generation is higher than what it stored. */
function fold(changes: readonly Change[]): Map<string, Change> {
  const rows = new Map<string, Change>();
  for (const change of changes) {
    const key = `${change.entityType}/${change.gg4lId}`;
    const stored = rows.get(key);
    if (stored === undefined || stored.generation < change.generation) rows.set(key, change);
  }
  return rows;
}

function activeContents(changes: readonly Change[]): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const [key, { verb, body }] of fold(changes)) {
    if (verb === 'archived') continue;
    contents[key] = (JSON.parse(String(body)) as { content: string }).content;
  }
  return contents;
}

function sharedContents(shared: Shared): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const [type, records] of Object.entries(shared)) {
    for (const [gg4lId, content] of Object.entries(records ?? {})) {
      if (content !== 'withdrawn') contents[`${type}/${gg4lId}`] = content;
    }
  }
  return contents;
}

function verbs(): string[] {
  return logs.changes.map(({ verb, entityType, gg4lId, cause }) =>
    [verb, `${entityType}/${gg4lId}`, ...(cause === undefined ? [] : [cause])].join(' '),
  );
}

beforeEach(() => {
  index = new MemoryRosterIndex();
  logs = new MemoryLogs();
});

async function run(generation: number, shared: Shared): Promise<void> {
  logs.append(...snapshotMessages(generation, shared), ...applyAndSweep(generation));
  await deliver(loopOver(), logs, BigInt(await follow()));
}

async function follow(): Promise<bigint> {
  const { position } = await index.read(0, [], []);
  return position?.next ?? 0n;
}

async function firstStart(): Promise<void> {
  logs.append({ kind: 'ask', nonce: 'first' });
  await deliver(loopOver(), logs);
}

describe('a partition', () => {
  it('begins at epoch 1, behind its own fence, and answers the next ASK', async () => {
    await firstStart();
    logs.append({ kind: 'ask', nonce: 'second' });
    await deliver(loopOver(), logs, 0n);
    expect(logs.reports).toEqual([
      { kind: 'rebuilding', partition: 0, epoch: 1 },
      { kind: 'ready', partition: 0, epoch: 1, nonce: 'second' },
    ]);
    expect(logs.fences('users')).toEqual([{ epoch: 1, author: 'author.1' }]);
  });

  it('is folded from its change topics where the index is lost, and goes on under a new epoch', async () => {
    await firstStart();
    await run(10, { users: { ada: 'v1', ben: 'v1' } });
    index.flush();
    logs.append({ kind: 'ask', nonce: 'again' });
    await deliver(loopOver(), logs, 0n);
    await run(11, { users: { ada: 'v1', ben: 'v2' } });
    expect(verbs()).toEqual(['created users/ada', 'created users/ben', 'updated users/ben']);
    expect(logs.changes.map(({ epoch }) => epoch)).toEqual([1, 1, 2]);
  });

  it('publishes nothing of a snapshot before APPLY', async () => {
    await firstStart();
    logs.append(...snapshotMessages(10, { users: { ada: 'v1', ben: 'v1' } }));
    await deliver(loopOver(), logs, await follow());
    expect(logs.changes).toEqual([]);
    expect(logs.reports.at(-1)).toMatchObject({
      kind: 'planned',
      types: { users: { created: 2, seen: 2, stale: 0 } },
    });
  });

  it('creates, updates, archives what is absent or withdrawn, and restores in place', async () => {
    await firstStart();
    await run(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } });
    await run(11, { users: { ada: 'v1', ben: 'v2', cyd: 'withdrawn' } });
    await run(12, { users: { ada: 'v1', ben: 'v2', cyd: 'v1' } });
    expect(verbs().slice(4)).toEqual([
      'updated users/ben',
      'archived users/cyd withdrawn',
      'archived users/dot absent',
      'restored users/cyd',
    ]);
  });

  it('names the unshared school as the cause of an archive', async () => {
    await firstStart();
    const at10 = { districtId: DISTRICT, generation: 10 };
    logs.append(...snapshotMessages(10, { users: { ada: 'v1' } }));
    const records = logs.raw.find(({ kind }) => kind === 'records');
    if (records?.kind !== 'records') throw new Error('a snapshot has records');
    logs.raw[logs.raw.indexOf(records)] = { ...records, records: [rawRecord('ada', 'v1', 'north')] };
    logs.append({ kind: 'apply', ...at10 }, { kind: 'sweep', ...at10, orgs: [] });
    await deliver(loopOver(), logs, await follow());
    const orgs = [rawRecord('north', 'v1', 'north').schoolHash.toString('hex')];
    const at11 = { districtId: DISTRICT, generation: 11 };
    logs.append(...snapshotMessages(11, {}), { kind: 'apply', ...at11 }, { kind: 'sweep', ...at11, orgs });
    await deliver(loopOver(), logs, await follow());
    expect(verbs().at(-1)).toBe('archived users/ada school-unshared');
  });

  it('leaves what is known of a quarantined record as it was', async () => {
    await firstStart();
    await run(10, { users: { ada: 'v1' } });
    await run(11, { users: { ada: 'quarantined' } });
    expect(verbs()).toEqual(['created users/ada']);
    expect(logs.reports.findLast(({ kind }) => kind === 'planned')).toMatchObject({
      types: { users: { seen: 1, quarantined: 1, stale: 0, updated: 0 } },
    });
  });

  it('refuses to plan a snapshot of which a record was lost', async () => {
    await firstStart();
    const messages = snapshotMessages(10, { users: { ada: 'v1', ben: 'v1' } });
    logs.append(...messages.filter(({ kind }) => kind !== 'records'), ...applyAndSweep(10));
    await deliver(loopOver(), logs, await follow());
    expect(logs.reports.map(({ kind }) => kind)).not.toContain('planned');
    expect(logs.reports.filter(({ kind }) => kind === 'failed')).not.toHaveLength(0);
    expect(logs.changes).toEqual([]);
    expect(logs.watermarks).toEqual([]);
  });

  it('ignores records that come after END, and those of an older generation', async () => {
    await firstStart();
    const late = snapshotMessages(10, { users: { eve: 'v1' } }).filter(({ kind }) => kind === 'records');
    const older = snapshotMessages(9, { users: { old: 'v1' } });
    logs.append(...snapshotMessages(10, { users: { ada: 'v1' } }), ...late, ...older, ...applyAndSweep(10));
    await deliver(loopOver(), logs, await follow());
    expect(verbs()).toEqual(['created users/ada']);
  });

  it('answers `failed` where the BEGIN of a run never arrived', async () => {
    await firstStart();
    logs.append(...snapshotMessages(10, { users: { ada: 'v1' } }).slice(1), ...applyAndSweep(10));
    await deliver(loopOver(), logs, await follow());
    const failed = logs.reports.filter((report) => report.kind === 'failed');
    expect(failed.map(({ marker, highestGeneration }) => [marker, highestGeneration])).toEqual([
      ['end', 0],
      ['apply', 0],
      ['sweep', 0],
    ]);
  });

  it('drops an aborted snapshot: nothing is applied, nothing archived', async () => {
    await firstStart();
    await run(10, { users: { ada: 'v1' } });
    logs.append(
      ...snapshotMessages(11, {}),
      { kind: 'abort', districtId: DISTRICT, generation: 11, reason: 'rejected' },
      ...applyAndSweep(11),
    );
    await deliver(loopOver(), logs, await follow());
    expect(verbs()).toEqual(['created users/ada']);
    expect(logs.watermarks.every(({ generation }) => generation === 10)).toBe(true);
  });

  it('answers repeated markers again and changes nothing', async () => {
    await firstStart();
    await run(10, { users: { ada: 'v1' } });
    const [events, sent] = [logs.changes.length, logs.reports.length];
    logs.append(...applyAndSweep(10), {
      kind: 'ask',
      nonce: 'n',
      run: { districtId: DISTRICT, generation: 10 },
    });
    await deliver(loopOver(), logs, await follow());
    expect(logs.changes).toHaveLength(events);
    const kinds = logs.reports.slice(sent).map(({ kind }) => kind);
    expect(kinds).toEqual(['applied', 'applied', 'swept', 'ready', 'planned', 'applied', 'swept']);
  });

  it('goes back to its position where Kafka says a later one', async () => {
    await firstStart();
    logs.append(
      ...snapshotMessages(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } }),
      ...applyAndSweep(10),
    );
    await deliver(loopOver(), logs, BigInt(logs.raw.length - 1));
    expect(verbs()).toHaveLength(4);
  });
});

const contents = fc.constantFrom('v1', 'v2', 'v3', 'withdrawn');
const records = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), contents);
const snapshot = fc.record({ orgs: records, users: records, enrollments: records });

describe('for any sequence of snapshots', () => {
  it('folding the change events gives the last one, and the watermarks its digest', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(snapshot, { minLength: 1, maxLength: 5 }), async (snapshots) => {
        index = new MemoryRosterIndex();
        logs = new MemoryLogs();
        await firstStart();
        for (const [at, shared] of snapshots.entries()) await run(10 + at, shared);
        expect(activeContents(logs.changes)).toEqual(sharedContents(snapshots.at(-1) ?? {}));
        for (const type of ['orgs', 'users', 'enrollments'] as const) expectDigest(type);
      }),
      { numRuns: 150 },
    );
  });

  it('a crash before any append, and redelivery, change nothing of that', async () => {
    const sequences = fc.array(snapshot, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        sequences,
        fc.infiniteStream(fc.integer({ min: 0, max: 5 })),
        async (snapshots, dice) => {
          index = new MemoryRosterIndex();
          logs = new MemoryLogs();
          await firstStart();
          logs.beforeAppend = () => {
            if (dice.next().value === 0) throw new Error('crash');
          };
          for (const [at, shared] of snapshots.entries()) {
            logs.append(...snapshotMessages(10 + at, shared), ...applyAndSweep(10 + at));
            await deliverThroughCrashes();
          }
          expect(activeContents(logs.changes)).toEqual(sharedContents(snapshots.at(-1) ?? {}));
        },
      ),
      { numRuns: 150 },
    );
  });
});

async function deliverThroughCrashes(): Promise<void> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    try {
      await deliver(loopOver(), logs, 0n);
      return;
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'crash') throw error;
    }
  }
  throw new Error('it never came through');
}

function expectDigest(type: EntityType): void {
  const sum = new XorSum();
  for (const change of fold(logs.changes).values()) {
    if (change.entityType !== type || change.verb === 'archived') continue;
    sum.add(watermarkTerm(change.gg4lId, change.fingerprint));
  }
  const watermark = logs.watermarks.findLast(({ entityType }) => entityType === type);
  expect(watermark).toMatchObject({ active: sum.count, xor: sum.hex });
}
