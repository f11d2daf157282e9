import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemoryChangeLog } from '../../../../libs/roster-consumer/test/memory.change-log.js';
import { encodeSample, type SampleChange } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('the time of a change', () => {
  let scratch: ScratchRoster;
  let log: MemoryChangeLog;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    log = new MemoryChangeLog(new PostgresRosterStore(scratch.database), 'orgs');
  });
  afterAll(() => scratch.close());

  function encoded(change: SampleChange, more: object): Buffer {
    return Buffer.from(JSON.stringify({ ...JSON.parse(encodeSample('orgs', change).toString()), ...more }));
  }
  async function apply(...changes: readonly (readonly [SampleChange, object])[]) {
    log.append(...changes.map(([change, more]) => encoded(change, more)));
    const [applied] = await log.deliver(log.loop(), { batch: changes.length });
    return applied;
  }
  const created = (id: string): SampleChange => ({ verb: 'created', id, generation: 1 });
  const timesOf = async (id: string) => {
    const [row] = await scratch.query(
      `select r.first_seen_at, r.changed_at, r.archived_at, h.changed_at as history, h.was_archived_at
       from roster.orgs r join roster.history h using (district_id, gg4l_id) where gg4l_id = $1`,
      [id],
    );
    return row;
  };

  it.each([
    'infinity',
    '-infinity',
    'epoch',
    'now',
    'today',
    '20260401T120000Z',
    'J2451187',
    '+010000-01-01T00:00:00.000Z',
    '0000-05-01T00:00:00.000Z',
    '-000044-03-15T00:00:00.000Z',
    'never',
    '2026-02-30T00:00:00+99:99',
  ])('makes a dead letter of its event, and of no other, where it is %s', async (time) => {
    log.outlet.letters.splice(0);
    const [before, bad, after] = ['before', 'bad', 'after'].map((name) => created(`${name} ${time}`));
    if (before === undefined || bad === undefined || after === undefined) throw new Error('three were made');
    expect(await apply([before, {}], [bad, { time }], [after, {}])).toMatchObject({
      written: 2,
      deadLetters: 1,
    });
    expect(log.outlet.letters.map(({ reason }) => reason)).toEqual([
      'the record has no time of the years 1 to 9999',
    ]);
    const rows = await scratch.query('select gg4l_id from roster.orgs where gg4l_id like $1', [
      `bad ${time}`,
    ]);
    expect(rows).toEqual([]);
  });

  it('is written in the month that it names, however fine it is told', async () => {
    const time = '2031-09-30T23:59:59.999999999Z';
    expect(await apply([created('fine'), { time }])).toMatchObject({ written: 1, deadLetters: 0 });
    const stored = new Date('2031-09-30T23:59:59.999Z');
    expect(await timesOf('fine')).toMatchObject({
      first_seen_at: stored,
      changed_at: stored,
      history: stored,
    });
    const rows = await scratch.query('select gg4l_id from roster.history_2031_09');
    expect(rows).toEqual([{ gg4l_id: 'fine' }]);
  });

  it('is read in its own zone', async () => {
    await apply([created('zone'), { time: '2026-03-31T23:30:00-05:00' }]);
    const stored = new Date('2026-04-01T04:30:00Z');
    expect(await timesOf('zone')).toMatchObject({
      first_seen_at: stored,
      changed_at: stored,
      history: stored,
    });
  });

  it('of an archive sent again is refused in the same way, and of a restored record left out', async () => {
    const archived: SampleChange = { verb: 'archived', id: 'archived', generation: 1, cause: 'refresh' };
    expect(await apply([archived, { archivedat: 'now' }])).toMatchObject({ written: 0, deadLetters: 1 });
    const restored: SampleChange = { verb: 'restored', id: 'restored', generation: 1 };
    expect(await apply([restored, { archivedat: 'now' }])).toMatchObject({ written: 1, deadLetters: 0 });
    expect(await timesOf('restored')).toMatchObject({ was_archived_at: null });
  });
});
