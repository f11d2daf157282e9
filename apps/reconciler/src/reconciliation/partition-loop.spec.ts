import { beforeEach, describe, expect, it } from '@jest/globals';
import { applyAndSweep, DISTRICT, rawRecord, snapshotMessages } from '../../test/district.fixture.js';
import { deliver } from '../../test/memory.logs.js';
import { inMemory, type PartitionGround } from '../../test/partition.ground.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
});

describe('a partition', () => {
  it('begins at epoch 1, behind its own fence, and answers the next ASK', async () => {
    ground.logs.append({ kind: 'ask', nonce: 'second' });
    await deliver(ground.loop(), ground.logs, 0n);
    expect(ground.logs.reports).toEqual([
      { kind: 'rebuilding', partition: 0, epoch: 1 },
      { kind: 'ready', partition: 0, epoch: 1, nonce: 'second' },
    ]);
    expect(ground.logs.fences('users')).toEqual([{ epoch: 1, author: 'author.1' }]);
  });

  it('is folded from its change topics where the index is lost, and goes on under a new epoch', async () => {
    await ground.run(10, { users: { ada: 'v1', ben: 'v1' } });
    ground.index.flush();
    ground.logs.append({ kind: 'ask', nonce: 'again' });
    await deliver(ground.loop(), ground.logs, 0n);
    await ground.run(11, { users: { ada: 'v1', ben: 'v2' } });
    expect(ground.verbs()).toEqual(['created users/ada', 'created users/ben', 'updated users/ben']);
    expect(ground.logs.changes.map(({ epoch }) => epoch)).toEqual([1, 1, 2]);
  });

  it('publishes nothing of a snapshot before APPLY', async () => {
    ground.logs.append(...snapshotMessages(10, { users: { ada: 'v1', ben: 'v1' } }));
    await ground.follow();
    expect(ground.logs.changes).toEqual([]);
    expect(ground.logs.reports.at(-1)).toMatchObject({
      kind: 'planned',
      types: { users: { created: 2, seen: 2, stale: 0 } },
    });
  });

  it('creates, updates, archives what is absent or withdrawn, and restores in place', async () => {
    await ground.run(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } });
    await ground.run(11, { users: { ada: 'v1', ben: 'v2', cyd: 'withdrawn' } });
    await ground.run(12, { users: { ada: 'v1', ben: 'v2', cyd: 'v1' } });
    expect(ground.verbs().slice(4)).toEqual([
      'updated users/ben',
      'archived users/cyd withdrawn',
      'archived users/dot absent',
      'restored users/cyd',
    ]);
  });

  it('names what is absent in its plan, and what is withdrawn only among the stale', async () => {
    await ground.run(10, { users: { ada: 'v1', cyd: 'v1', dot: 'v1' } });
    ground.logs.append(...snapshotMessages(11, { users: { ada: 'v1', cyd: 'withdrawn' } }));
    await ground.follow();
    expect(ground.logs.reports.at(-1)).toMatchObject({
      types: { users: { stale: 2, staleIds: ['cyd', 'dot'], absent: { count: 1, ids: ['dot'] } } },
    });
  });

  it('names every stale org, whose hashes SWEEP needs, and 50 at most of other ids', async () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`id ${at}`, 'v1']));
    await ground.run(10, { orgs: many, users: many });
    ground.logs.append(...snapshotMessages(11, {}));
    await ground.follow();
    const planned = ground.logs.reports.at(-1);
    const counted = { stale: 60, absent: { count: 60 } };
    expect(planned).toMatchObject({ types: { orgs: counted, users: counted } });
    expect(planned).toHaveProperty('types.orgs.staleIds.length', 60);
    for (const ids of ['users.staleIds', 'users.absent.ids', 'orgs.absent.ids']) {
      expect(planned).toHaveProperty(`types.${ids}.length`, 50);
    }
  });

  it('names the unshared school as the cause of an archive', async () => {
    const at10 = { districtId: DISTRICT, generation: 10 };
    ground.logs.append(...snapshotMessages(10, { users: { ada: 'v1' } }));
    const records = ground.logs.raw.find(({ kind }) => kind === 'records');
    if (records?.kind !== 'records') throw new Error('a snapshot has records');
    ground.logs.raw[ground.logs.raw.indexOf(records)] = {
      ...records,
      records: [rawRecord('ada', 'v1', 'north')],
    };
    ground.logs.append({ kind: 'apply', ...at10 }, { kind: 'sweep', ...at10, orgs: [] });
    await ground.follow();
    const orgs = [rawRecord('north', 'v1', 'north').schoolHash.toString('hex')];
    const at11 = { districtId: DISTRICT, generation: 11 };
    ground.logs.append(
      ...snapshotMessages(11, {}),
      { kind: 'apply', ...at11 },
      { kind: 'sweep', ...at11, orgs },
    );
    await ground.follow();
    expect(ground.verbs().at(-1)).toBe('archived users/ada school-unshared');
  });

  it('leaves what is known of a quarantined record as it was', async () => {
    await ground.run(10, { users: { ada: 'v1' } });
    await ground.run(11, { users: { ada: 'quarantined' } });
    expect(ground.verbs()).toEqual(['created users/ada']);
    expect(ground.logs.reports.findLast(({ kind }) => kind === 'planned')).toMatchObject({
      types: { users: { seen: 1, quarantined: 1, stale: 0, updated: 0 } },
    });
  });

  it('leaves what is known of a record that is withdrawn and cannot be read as it was', async () => {
    await ground.run(10, { users: { ada: 'v1' } });
    const records = [{ ...rawRecord('ada', 'quarantined'), withdrawn: true }];
    const messages = snapshotMessages(11, { users: { ada: 'quarantined' } });
    ground.logs.append(
      ...messages.map((message) => (message.kind === 'records' ? { ...message, records } : message)),
      ...applyAndSweep(11),
    );
    await ground.follow();
    expect(ground.verbs()).toEqual(['created users/ada']);
    expect(ground.logs.reports.findLast(({ kind }) => kind === 'planned')).toMatchObject({
      types: { users: { seen: 1, withdrawn: 0, quarantined: 1, stale: 0 } },
    });
  });

  it('refuses to plan a snapshot of which a record was lost', async () => {
    const messages = snapshotMessages(10, { users: { ada: 'v1', ben: 'v1' } });
    ground.logs.append(...messages.filter(({ kind }) => kind !== 'records'), ...applyAndSweep(10));
    await ground.follow();
    expect(ground.logs.reports.map(({ kind }) => kind)).not.toContain('planned');
    expect(ground.logs.reports.filter(({ kind }) => kind === 'failed')).not.toHaveLength(0);
    expect(ground.logs.changes).toEqual([]);
    expect(ground.logs.watermarks).toEqual([]);
  });

  it('ignores records that come after END, and those of an older generation', async () => {
    const late = snapshotMessages(10, { users: { eve: 'v1' } }).filter(({ kind }) => kind === 'records');
    const older = snapshotMessages(9, { users: { old: 'v1' } });
    ground.logs.append(
      ...snapshotMessages(10, { users: { ada: 'v1' } }),
      ...late,
      ...older,
      ...applyAndSweep(10),
    );
    await ground.follow();
    expect(ground.verbs()).toEqual(['created users/ada']);
  });

  it('says `failed`, not `applied`, where the raw log no longer holds what the plan counted', async () => {
    const loop = ground.loop();
    await ground.ask(loop);
    const [apply] = applyAndSweep(2);
    if (apply === undefined) throw new Error('there is an APPLY');
    ground.logs.append(...snapshotMessages(2, { users: { ann: 'a' } }));
    await ground.follow(loop);
    // Made anew, and grown as long: the position is where this loop left it.
    const length = ground.logs.raw.length;
    ground.logs.raw.length = 0;
    ground.logs.append(
      ...Array.from({ length }, () => ({ kind: 'ask', nonce: 'of another log' }) as const),
      apply,
    );
    await ground.follow(loop);
    expect(ground.verbs()).toEqual([]);
    expect(ground.logs.reports.at(-1)).toMatchObject({
      kind: 'failed',
      marker: 'apply',
      reason: 'its records are no longer in the raw log',
    });
  });

  it('answers `failed` where the BEGIN of a run never arrived', async () => {
    ground.logs.append(...snapshotMessages(10, { users: { ada: 'v1' } }).slice(1), ...applyAndSweep(10));
    await ground.follow();
    const failed = ground.logs.reports.filter((report) => report.kind === 'failed');
    expect(failed.map(({ marker, highestGeneration }) => [marker, highestGeneration])).toEqual([
      ['end', 0],
      ['apply', 0],
      ['sweep', 0],
    ]);
  });

  it('drops an aborted snapshot: nothing is applied, nothing archived', async () => {
    await ground.run(10, { users: { ada: 'v1' } });
    ground.logs.append(
      ...snapshotMessages(11, {}),
      { kind: 'abort', districtId: DISTRICT, generation: 11, reason: 'rejected' },
      ...applyAndSweep(11),
    );
    await ground.follow();
    expect(ground.verbs()).toEqual(['created users/ada']);
    expect(ground.logs.watermarks.every(({ generation }) => generation === 10)).toBe(true);
  });

  it('answers repeated markers again and changes nothing', async () => {
    await ground.run(10, { users: { ada: 'v1' } });
    const [events, sent] = [ground.logs.changes.length, ground.logs.reports.length];
    ground.logs.append(...applyAndSweep(10), {
      kind: 'ask',
      nonce: 'n',
      run: { districtId: DISTRICT, generation: 10 },
    });
    await ground.follow();
    expect(ground.logs.changes).toHaveLength(events);
    const kinds = ground.logs.reports.slice(sent).map(({ kind }) => kind);
    expect(kinds).toEqual(['applied', 'applied', 'swept', 'ready', 'planned', 'applied', 'swept']);
  });

  it('goes back to its position where Kafka says a later one', async () => {
    ground.logs.append(
      ...snapshotMessages(10, { users: { ada: 'v1', ben: 'v1', cyd: 'v1', dot: 'v1' } }),
      ...applyAndSweep(10),
    );
    await deliver(ground.loop(), ground.logs, BigInt(ground.logs.raw.length - 1));
    expect(ground.verbs()).toHaveLength(4);
  });
});
