import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityType } from '#contracts';
import { foldChanges } from '#roster-consumer';
import { sampleEntries, type SampleChange } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('the views of schema roster', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    const record = (id: string, attributes: object): SampleChange => ({
      verb: 'created',
      id,
      generation: 1,
      attributes: { ...attributes },
    });
    await apply('orgs', record('north', {}), record('south', { parent: 'nowhere' }));
    await apply('academicSessions', record('fall', {}), record('spring', {}));
    await apply('classes', record('math', { school: 'north', terms: ['fall', 'spring'] }));
    await apply(
      'users',
      record('ada', { orgs: ['north', 'south'], agents: ['mum'] }),
      record('bob', { orgs: ['north'] }),
    );
    await apply('enrollments', record('e-1', { user: 'ada', class: 'math', school: 'south' }));
    await apply('orgs', { verb: 'archived', id: 'south', generation: 2 });
  });
  afterAll(() => scratch.close());

  async function apply(type: EntityType, ...changes: SampleChange[]): Promise<void> {
    const entries = sampleEntries(type, changes).filter((entry) => entry.kind === 'change');
    await new PostgresRosterStore(scratch.database).write(type, 0, foldChanges(entries), []);
  }

  it('show lists of references as pairs', async () => {
    expect(await scratch.query('select "user", org from roster.user_orgs order by 1, 2')).toEqual([
      { user: 'ada', org: 'north' },
      { user: 'ada', org: 'south' },
      { user: 'bob', org: 'north' },
    ]);
    expect(await scratch.query('select "user", agent from roster.user_agents')).toEqual([
      { user: 'ada', agent: 'mum' },
    ]);
    expect(await scratch.query('select class, term from roster.class_terms order by 2')).toEqual([
      { class: 'math', term: 'fall' },
      { class: 'math', term: 'spring' },
    ]);
  });

  it.each([
    ['users of an org', `roster.users where orgs @> array['north']`, 'users_by_org'],
    ['users somebody may act for', `roster.users where agents @> array['mum']`, 'users_by_agent'],
    ['classes of a term', `roster.classes where terms @> array['fall']`, 'classes_by_term'],
    [
      'enrollments of a user',
      `roster.enrollments where district_id = 'd' and "user" = 'ada'`,
      'enrollments_by_user',
    ],
    [
      'enrollments of a class',
      `roster.enrollments where district_id = 'd' and class = 'math'`,
      'enrollments_by_class',
    ],
  ])('find %s by an index', async (_what, from, index) => {
    // The transactions of these specs have sequential scans off, as the persister's do: on few rows an index never pays.
    await scratch.query(`insert into roster.enrollments (district_id, gg4l_id, "user", class, archived_at)
      select 'd', n::text, n::text, n::text, now() from generate_series(1, 500) as n on conflict do nothing`);
    await scratch.query('analyze roster.enrollments');
    const plan = await scratch.query(`explain select * from ${from}`);
    expect(JSON.stringify(plan)).toContain(index);
  });

  it('show active records only', async () => {
    expect(await scratch.query('select gg4l_id from roster.active_orgs')).toEqual([{ gg4l_id: 'north' }]);
    expect(await scratch.query('select gg4l_id from roster.active_users order by 1')).toHaveLength(2);
  });

  it('name references of active records that lead nowhere, or to what is archived', async () => {
    const rows = await scratch.query(
      'select type, gg4l_id, attribute, target_type, target, state from roster.dangling_references order by 1, 3',
    );
    expect(rows).toEqual([
      {
        type: 'enrollments',
        gg4l_id: 'e-1',
        attribute: 'school',
        target_type: 'orgs',
        target: 'south',
        state: 'archived',
      },
      {
        type: 'users',
        gg4l_id: 'ada',
        attribute: 'agents',
        target_type: 'users',
        target: 'mum',
        state: 'unknown',
      },
      {
        type: 'users',
        gg4l_id: 'ada',
        attribute: 'orgs',
        target_type: 'orgs',
        target: 'south',
        state: 'archived',
      },
    ]);
  });
});
