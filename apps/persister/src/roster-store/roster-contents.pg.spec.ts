import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { attributesOf, type CanonicalKind } from '#oneroster';
import { foldChanges } from '#roster-consumer';
import { sampleEntries, type SampleChange } from '../../../../libs/roster-consumer/test/sample-changes.js';
import { columnsOf, tableOf } from './columns.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

describe('what the roster tables hold', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
  });
  afterAll(() => scratch.close());

  async function apply(type: EntityType, change: SampleChange): Promise<void> {
    const entries = sampleEntries(type, [change]).filter((entry) => entry.kind === 'change');
    await new PostgresRosterStore(scratch.database).write(type, 0, foldChanges(entries), []);
  }

  it.each(ENTITY_TYPES)('gives back every attribute of %s as it came', async (type) => {
    const samples: Readonly<Record<CanonicalKind, unknown>> = {
      text: 'Zoë "O\'Neil" \\ {a,b} 名前',
      boolean: false,
      date: '2026-02-28',
      'text[]': ['a b', 'c,"d"', '{}', 'NULL'],
      json: [{ identifier: '1', type: 'LDAP' }],
    };
    const extensions = { metadata: { 'x:y': [1, null, { deep: true }] } };
    const attributes = Object.fromEntries(attributesOf(type).map(({ name, kind }) => [name, samples[kind]]));
    await apply(type, {
      verb: 'created',
      id: 'full',
      generation: 1,
      attributes: { ...attributes, extensions },
    });
    const names = columnsOf(type).map(({ name }) => `"${name}"`);
    const [stored = {}] = await scratch.query(`select to_jsonb(r) as row from
      (select ${names.join(', ')} from ${tableOf(type)} where gg4l_id = 'full') r`);
    const expected = columnsOf(type).map(({ name, attribute }) => [
      name,
      { ...attributes, extensions }[attribute],
    ]);
    expect(stored['row']).toEqual(Object.fromEntries(expected));
  });

  it('names every record for a person', async () => {
    await apply('users', {
      verb: 'created',
      id: 'named',
      generation: 1,
      attributes: { givenName: 'Ada', familyName: 'Lovelace', username: 'ada' },
    });
    await apply('users', { verb: 'created', id: 'nameless', generation: 1, attributes: { username: 'ada' } });
    await apply('enrollments', {
      verb: 'created',
      id: 'enrolled',
      generation: 1,
      attributes: { role: 'student', user: 'named', class: 'c1' },
    });
    await apply('enrollments', {
      verb: 'created',
      id: 'enrolled-unknown',
      generation: 1,
      attributes: { role: 'teacher', user: 'nobody', class: 'c2' },
    });
    await apply('enrollments', { verb: 'created', id: 'enrolled-nowhere', generation: 1, attributes: {} });
    await apply('classes', { verb: 'created', id: 'c1', generation: 1, attributes: { title: 'Algebra 1' } });
    await apply('demographics', { verb: 'created', id: 'named', generation: 1, attributes: {} });
    await apply('demographics', { verb: 'created', id: 'nobody', generation: 1, attributes: {} });
    const rows = await scratch.query(`select type, gg4l_id, name from roster.names
      where gg4l_id in ('named', 'nameless', 'nobody') or gg4l_id like 'enrolled%' order by type, gg4l_id`);
    expect(rows).toEqual([
      { type: 'demographics', gg4l_id: 'named', name: 'Ada Lovelace' },
      { type: 'demographics', gg4l_id: 'nobody', name: 'nobody' },
      { type: 'enrollments', gg4l_id: 'enrolled', name: 'student Ada Lovelace in Algebra 1' },
      { type: 'enrollments', gg4l_id: 'enrolled-nowhere', name: 'somebody in an unnamed class' },
      { type: 'enrollments', gg4l_id: 'enrolled-unknown', name: 'teacher nobody in c2' },
      { type: 'users', gg4l_id: 'named', name: 'Ada Lovelace' },
      { type: 'users', gg4l_id: 'nameless', name: 'ada' },
    ]);
  });

  it('finds a few names among many by their keys', async () => {
    await scratch.query(`insert into roster.enrollments (district_id, gg4l_id, "user", class)
      select 'd', n::text, n::text, 'c' from generate_series(1, 10000) as n`);
    await scratch.query('analyze roster.enrollments');
    const plan = await scratch.query(`explain select n.name from unnest(array['a', 'b']) as asked(id)
      left join roster.names n on n.district_id = 'd' and n.type = 'enrollments' and n.gg4l_id = asked.id`);
    const text = plan.map((line) => line['QUERY PLAN']).join('\n');
    expect(text).toMatch(/enrollments_pkey on enrollments.*\n.*Index Cond:.*gg4l_id = asked\.id/);
  });
});
