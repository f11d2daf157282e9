import { describe, expect, it } from '@jest/globals';
import type { RosterIndexCopy } from '../../test/memory.roster-index.js';
import { applyAndSweep, DISTRICT, snapshotMessages } from '../../test/district.fixture.js';
import { contentsOf, inMemory } from '../../test/partition.ground.js';

describe('a sweep', () => {
  it('takes turns of half a second, with a heartbeat in each', async () => {
    const ground = inMemory();
    await ground.ask();
    const shared = { courses: { one: 'x' }, users: { ann: 'a' }, enrollments: { two: 'y' } };
    await ground.run(1, shared);
    const said: string[] = [];
    ground.atFailpoint = (name) => {
      if (name !== 'reconciler.after-archived') return;
      said.push('chunk');
      ground.now += 500;
    };
    const loop = ground.loopWith((turn) => ({
      heartbeat: async () => void said.push('heartbeat'),
      seek: (offset) => (said.push('back'), turn.seek(offset)),
    }));
    ground.logs.append(...snapshotMessages(2, {}));
    await ground.follow(loop);
    said.length = 0;
    ground.logs.append(...applyAndSweep(2).slice(1));
    await ground.follow(loop);
    expect(said.join(' ')).toMatch(/^(chunk heartbeat back( heartbeat)* ?){3}$/);
  });

  it('archives nobody where more are unseen than the plan counted, and the next run goes well', async () => {
    const ground = inMemory();
    await ground.ask();
    const shared = { users: { ann: 'a', ben: 'b', cyd: 'c' } };
    await ground.run(1, shared);
    const [apply, sweep] = applyAndSweep(2);
    if (apply === undefined || sweep === undefined) throw new Error('both markers are there');
    ground.logs.append(...snapshotMessages(2, { users: { ann: 'a2', ben: 'b' } }), apply);
    await ground.follow();
    const before = ground.logs.changes.length;
    ground.index.loseMarks(0, DISTRICT, 'users', 2);
    ground.logs.append(sweep);
    await ground.follow();
    expect(ground.verbs(before)).toEqual([]);
    expect(ground.logs.reports.at(-1)).toMatchObject({
      kind: 'failed',
      marker: 'sweep',
      reason: 'the sweep would archive more than the plan counted: the index has lost marks',
    });
    expect(await ground.position()).toMatchObject({ mode: 'follow', next: ground.logs.rawEnd });
    await ground.run(3, { users: { ann: 'a2', ben: 'b' } });
    expect(ground.verbs(before)).toEqual(['archived users/cyd absent']);
    expect(ground.logs.reports.at(-1)).toMatchObject({ kind: 'swept' });
  });

  it('of which the index loses a worklist fails, and the next run archives who is left', async () => {
    const ground = inMemory();
    await ground.ask();
    await ground.run(1, { users: { ann: 'a', ben: 'b' }, enrollments: { one: 'x', two: 'y' } });
    const before = ground.logs.changes.length;
    ground.beforeCall = async (method) => {
      const position = await ground.position();
      if (method !== 'stale' || position?.mode !== 'sweep' || position.applyNext !== 'users') return;
      ground.index.loseMarks(0, DISTRICT, 'users', 2, 'stale');
    };
    const left = { users: { ann: 'a' }, enrollments: { one: 'x' } };
    await ground.run(2, left);
    expect(ground.verbs(before)).toEqual(['archived enrollments/two absent']);
    expect(ground.logs.reports.at(-1)).toMatchObject({
      kind: 'failed',
      marker: 'sweep',
      reason: 'the sweep archived fewer than the plan counted: the index has lost a worklist',
    });
    expect(await ground.position()).toMatchObject({ mode: 'follow', next: ground.logs.rawEnd });
    ground.beforeCall = () => undefined;
    await ground.run(3, left);
    expect(ground.verbs(before)).toEqual(['archived enrollments/two absent', 'archived users/ben absent']);
  });

  it('of which the index loses entries goes on to a rebuild, and the next run archives who left', async () => {
    const ground = inMemory();
    await ground.ask();
    await ground.run(1, { users: { ann: 'a', ben: 'b' } });
    let isLost = false;
    ground.beforeCall = async (method) => {
      if (isLost || method !== 'stale' || (await ground.position())?.mode !== 'sweep') return;
      isLost = true;
      ground.index.loseEntries(0, DISTRICT, 'users');
    };
    await ground.run(2, { users: { ann: 'a' } });
    expect(isLost).toBe(true);
    expect(await ground.position()).toMatchObject({ epoch: 2, mode: 'follow' });
    await ground.run(3, { users: { ann: 'a' } });
    expect(contentsOf(ground.logs)).toEqual({ 'users/ann': 'a' });
  });

  it('goes through its worklists again where the index went back, at the same position, behind one', async () => {
    const ground = inMemory();
    await ground.ask();
    await ground.run(1, { users: { ann: 'a', ben: 'b' }, enrollments: { one: 'x', two: 'y' } });
    const before = ground.logs.changes.length;
    let copy: RosterIndexCopy | null = null;
    let isBack = false;
    let calls = 0;
    ground.beforeCall = async (method) => {
      if ((calls += 1) > 1_000) throw new Error('it goes in circles');
      const position = await ground.position();
      if (position?.mode !== 'sweep' || position.applyNext !== 'enrollments') return;
      if (method === 'archive') copy = ground.index.copy();
      // The worklist was emptied; as the sweep moves on to the next type, the copy comes back.
      if (method !== 'write' || copy === null || isBack) return;
      isBack = true;
      ground.index.restore(copy);
    };
    await ground.run(2, { users: { ann: 'a' }, enrollments: { one: 'x' } });
    expect(isBack).toBe(true);
    expect(await ground.position()).toMatchObject({ mode: 'follow', next: ground.logs.rawEnd });
    expect([...new Set(ground.verbs(before))]).toEqual([
      'archived enrollments/two absent',
      'archived users/ben absent',
    ]);
  });
});
