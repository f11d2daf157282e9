import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RawMessage, Report } from '#contracts';
import { applyAndSweep, DISTRICT, snapshotMessages, type Shared } from '../../test/district.fixture.js';
import { contentsOf, inMemory, type PartitionGround } from '../../test/partition.ground.js';

let ground: PartitionGround;

beforeEach(async () => {
  ground = inMemory();
  await ground.ask();
  await ground.run(10, { users: { ada: 'v1', ben: 'v1' } });
});

const changed: Shared = { users: { ada: 'v2', cyd: 'v1' } };
const abort = (generation: number): RawMessage => ({
  kind: 'abort',
  districtId: DISTRICT,
  generation,
  reason: 'rejected',
});
const ask = (generation: number): RawMessage => ({
  kind: 'ask',
  nonce: 'n',
  run: { districtId: DISTRICT, generation },
});

async function follow(...messages: readonly RawMessage[]): Promise<readonly Report[]> {
  const sent = ground.logs.reports.length;
  ground.logs.append(...messages);
  await ground.follow();
  return ground.logs.reports.slice(sent).filter(({ kind }) => kind !== 'busy');
}

const kinds = (reports: readonly Report[]) => reports.map(({ kind }) => kind);

describe('ABORT', () => {
  const run11 = [...snapshotMessages(11, changed), ...applyAndSweep(11)];

  it.each(run11.map((message, at) => [at, message.kind] as const))(
    'in front of message %p of a run (%s): whatever comes after leads to nothing, and the next run completes',
    async (at) => {
      await follow(...run11.slice(0, at), abort(11));
      const events = ground.logs.changes.length;
      const reports = await follow(...run11.slice(at));
      const isBegun = at > 0;
      if (isBegun) expect(ground.logs.changes).toHaveLength(events);
      expect(kinds(reports)).not.toContain(isBegun ? 'swept' : 'none');
      await ground.run(12, changed);
      expect(contentsOf(ground.logs)).toEqual({ 'users/ada': 'v2', 'users/cyd': 'v1' });
    },
  );

  it('behind an APPLY that goes on in slices: it is applied to its end first, and nothing stands still', async () => {
    ground.now = 0;
    ground.logs.beforeAppend = () => {
      ground.now += 1_000;
    };
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`id ${n}`, 'v1']));
    const reports = await follow(
      ...snapshotMessages(11, { users: many }),
      { kind: 'apply', districtId: DISTRICT, generation: 11 },
      abort(11),
      { kind: 'sweep', districtId: DISTRICT, generation: 11, orgs: [] },
    );
    expect(kinds(reports)).toEqual(['planned', 'applied', 'failed']);
    expect(reports.at(-1)).toMatchObject({
      marker: 'sweep',
      reason: 'cannot sweep: the snapshot is aborted',
    });
    expect(ground.logs.watermarks.every(({ generation }) => generation === 10)).toBe(true);
    await ground.run(12, { users: many });
    expect(Object.keys(contentsOf(ground.logs))).toHaveLength(30);
  });

  it('behind a SWEEP changes nothing: the markers of a run that was swept are answered again', async () => {
    await follow(...run11, abort(11));
    expect(kinds(await follow(...applyAndSweep(11)))).toEqual(['applied', 'applied', 'swept']);
  });

  it('of another generation than the current one changes nothing', async () => {
    await follow(...snapshotMessages(11, changed), abort(10), abort(12));
    expect(kinds(await follow(...applyAndSweep(11)))).toEqual(['applied', 'applied', 'swept']);
  });
});

describe('a marker of a run that is not the current one', () => {
  it('of an older generation is ignored', async () => {
    const events = ground.logs.changes.length;
    const reports = await follow(...snapshotMessages(9, { users: {} }), ...applyAndSweep(9), abort(9));
    expect(reports).toEqual([]);
    expect(ground.logs.changes).toHaveLength(events);
  });

  it('of one whose BEGIN never came is answered failed, with the highest generation known', async () => {
    const reports = await follow(...snapshotMessages(12, changed).slice(1), ...applyAndSweep(12));
    expect(
      reports.map((report) => report.kind === 'failed' && [report.marker, report.highestGeneration]),
    ).toEqual([
      ['end', 10],
      ['apply', 10],
      ['sweep', 10],
    ]);
  });

  it('ASK naming a generation above the current one repeats nothing; an older one is answered failed', async () => {
    expect(kinds(await follow(ask(11)))).toEqual(['ready']);
    expect(kinds(await follow(ask(9)))).toEqual(['ready', 'failed']);
  });
});

describe('a marker whose work is done', () => {
  it('BEGIN again changes nothing', async () => {
    const [begin, ...rest] = snapshotMessages(11, changed);
    if (begin === undefined) throw new Error('a snapshot has messages');
    const reports = await follow(begin, ...rest.slice(0, 1), begin, ...rest.slice(1));
    expect(reports).toMatchObject([
      { kind: 'planned', types: { users: { updated: 1, created: 1, stale: 1 } } },
    ]);
  });

  it('END again is answered again, and records behind it are ignored', async () => {
    const messages = snapshotMessages(11, changed);
    const late = snapshotMessages(11, { users: { eve: 'v1' } }).filter(({ kind }) => kind === 'records');
    const [planned] = await follow(...messages);
    expect(await follow(...late, ...messages.slice(-1))).toEqual([planned]);
  });

  it('END that was refused is refused again, and so is what follows', async () => {
    const messages = snapshotMessages(11, changed).filter(({ kind }) => kind !== 'records');
    const reports = await follow(...messages, ...messages.slice(-1), ...applyAndSweep(11), ask(11));
    expect(kinds(reports)).toEqual(['failed', 'failed', 'failed', 'failed', 'ready', 'failed']);
  });

  it('SWEEP again is answered with its watermarks, the same as before', async () => {
    const lines = ground.logs.watermarks.slice(-7);
    expect(kinds(await follow({ kind: 'sweep', districtId: DISTRICT, generation: 10, orgs: [] }))).toEqual([
      'applied',
      'swept',
    ]);
    expect(ground.logs.watermarks.slice(-7)).toEqual(lines);
    expect(ground.logs.watermarks).toHaveLength(14);
  });

  it('ASK repeats what was reported of the run, phase by phase', async () => {
    await follow(...snapshotMessages(11, changed).slice(0, -1));
    expect(kinds(await follow(ask(11)))).toEqual(['ready']);
    await follow(...snapshotMessages(11, changed).slice(-1));
    expect(kinds(await follow(ask(11)))).toEqual(['ready', 'planned']);
    await follow({ kind: 'apply', districtId: DISTRICT, generation: 11 });
    expect(kinds(await follow(ask(11)))).toEqual(['ready', 'planned', 'applied']);
    await follow({ kind: 'sweep', districtId: DISTRICT, generation: 11, orgs: [] });
    expect(kinds(await follow(ask(11)))).toEqual(['ready', 'planned', 'applied', 'swept']);
  });
});

describe('APPLY whose records leave the raw log', () => {
  /** Raw messages below this offset are gone. */
  function truncate(below: bigint): void {
    ground.logs.raw.splice(0, Number(below - ground.logs.rawStart));
    ground.logs.rawStart = below;
  }

  it('before it begins is answered failed, and again to an ASK', async () => {
    await follow(...snapshotMessages(11, changed));
    truncate(ground.logs.rawEnd);
    const reports = await follow(...applyAndSweep(11), ask(11));
    expect(kinds(reports)).toEqual(['failed', 'failed', 'ready', 'planned', 'failed']);
    expect(reports[0]).toMatchObject({ marker: 'apply', reason: 'its records are no longer in the raw log' });
  });

  it('in the middle is answered failed, what was sent stays true, and the next run completes', async () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`id ${n}`, 'v1']));
    await follow(...snapshotMessages(11, { users: many }));
    const marker = ground.logs.rawEnd;
    ground.logs.beforeAppend = (what) => {
      ground.now += 1_000;
      if (what === 'changes' && ground.logs.rawStart < marker) truncate(marker);
    };
    expect(kinds(await follow(...applyAndSweep(11)))).toEqual(['failed', 'failed']);
    const { length } = ground.logs.changes.filter(({ generation }) => generation === 11);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThan(30);
    await ground.run(12, { users: many });
    expect(Object.keys(contentsOf(ground.logs))).toHaveLength(30);
  });
});
