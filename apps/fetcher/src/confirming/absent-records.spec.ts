import { describe, expect, it } from '@jest/globals';
import {
  confirming,
  found,
  GONE,
  ids,
  run,
  silent,
  there,
  users,
  withKnown,
  type Answers,
} from '../../test/confirming.ground.js';

describe('absent records', () => {
  it('that are gone one by one prove the absence', async () => {
    const { asked, ports, outcome } = confirming(
      users(3, 812),
      withKnown(() => GONE),
    );
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.confirmation).toEqual({
      ...{ point: 6, state: 'proven', stillThere: {} },
      finding: 'Absent records asked for one by one: 3 of 812 users, 3 gone.',
    });
    expect(asked).toEqual(['users/known', 'users/u0', 'users/u1', 'users/u2']);
    expect(ports.happened).toEqual(['finish']);
  });

  it('that were erased are gone, whatever the source says, and are not asked for', async () => {
    const { asked, ports, outcome } = confirming(
      users(3),
      withKnown((id) => there(id)),
    );
    ports.erased = { users: ['u0', 'u1', 'u2', 'known'] };
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.confirmation).toMatchObject({ state: 'proven', stillThere: {} });
    expect(asked).toEqual(['users/known']);
  });

  it('are asked for though enrollments of somebody erased, and gone only if the source does not give them to others', async () => {
    const absent = { enrollments: { count: 4, ids: ['hers', 'moved', 'new', 'nameless'] } };
    const users: Readonly<Record<string, object>> = {
      hers: { user: 'ada' },
      moved: { user: 'ben' },
      new: { user: 'ada' },
    };
    const { asked, ports, outcome } = confirming(
      run(absent, { enrollments: 'known' }),
      withKnown((id) => there(id, users[id])),
    );
    ports.erased = { users: ['ada'], enrollments: ['hers', 'moved', 'nameless'] };
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.confirmation).toMatchObject({ state: 'failed', stillThere: { enrollments: ['moved'] } });
    expect(asked).toHaveLength(5);
  });

  it('are vetoed by a single live answer among 50', async () => {
    const vetoed = await found(
      users(50),
      withKnown((id) => (id === 'u31' ? there(id) : GONE)),
    );
    expect(vetoed).toMatchObject({ state: 'failed', stillThere: { users: ['u31'] } });
    expect(vetoed?.finding).toBe(
      'Absent records asked for one by one: 50 of 50 users, 49 gone, 1 still there.',
    );
  });

  it.each(['tobedeleted', 'inactive', 'ToBeDeleted'])('that are %s by now are gone', async (status) => {
    const confirmed = await found(
      users(2),
      withKnown((id) => there(id, { status })),
    );
    expect(confirmed?.state).toBe('proven');
  });

  it('that come in a form that breaks their type are still there', async () => {
    const vetoed = await found(
      users(1),
      withKnown((id) => there(id, { givenName: { broken: true } })),
    );
    expect(vetoed?.state).toBe('failed');
  });

  it.each<[string, Answers]>([
    ['405', () => silent('status 405')],
    ['403', () => silent('status 403')],
    ['501', () => silent('status 501')],
    ['400', () => silent('status 400')],
    ['an unknown shape', () => silent('unknown-shape')],
    ['a record of another id', () => there('somebody else')],
    ['something without an id', () => ({ kind: 'record', row: { givenName: 'A' } })],
  ])('answered with %s are neither gone nor there', async (_, answers) => {
    const untold = await found(users(2), withKnown(answers));
    expect(untold).toMatchObject({ state: 'not available', stillThere: {} });
    expect(untold?.finding).toMatch(/2 of 2 users, 0 gone, 2 not told \(.+\)\.$/);
  });

  it.each(['a/b', 'a\\b', 'a%2Fb', '..', '.'])(
    'with an id that paths treat in their own way (%s) are not gone by a 404, but there by a live answer',
    async (id) => {
      const claimed = run({ users: { count: 1, ids: [id] } });
      expect(
        (
          await found(
            claimed,
            withKnown(() => GONE),
          )
        )?.state,
      ).toBe('not available');
      expect(
        (
          await found(
            claimed,
            withKnown((of) => there(of)),
          )
        )?.state,
      ).toBe('failed');
    },
  );

  it('are not confirmed by a source that says 404 to a record that is there too', async () => {
    const { asked, ports, outcome } = confirming(users(3), () => GONE);
    await outcome();
    expect(ports.confirmation).toMatchObject({
      state: 'not available',
      finding:
        'Absent records asked for one by one: 0 of 3 users, 0 gone (a record that is there is not given by itself).',
    });
    expect(asked).toEqual(['users/known']);
  });

  it('are not asked for where no record is known to be there', async () => {
    const { asked, ports, outcome } = confirming(run({ users: { count: 1, ids: ['u0'] } }, {}), () => GONE);
    await outcome();
    expect(ports.confirmation?.state).toBe('not available');
    expect(asked).toEqual([]);
  });

  it('of one type may be vetoed though the source gives no single ones of another', async () => {
    const absent = { classes: { count: 1, ids: ['c0'] }, users: { count: 1, ids: ['u0'] } };
    const vetoed = await found(run(absent), (id, type) =>
      type === 'classes' ? silent('status 405') : there(id),
    );
    expect(vetoed).toMatchObject({ state: 'failed', stillThere: { users: ['u0'] } });
    expect(vetoed?.finding).toContain(
      '0 of 1 classes, 0 gone (status 405); 1 of 1 users, 0 gone, 1 still there',
    );
  });

  it('are asked for no further where no answer comes, and what was told before counts', async () => {
    const { asked, ports, outcome } = confirming(
      run({ classes: { count: 1, ids: ['c0'] }, users: { count: 50, ids: ids(50) } }),
      withKnown((_, type) => (type === 'classes' ? GONE : { kind: 'no-answer', why: 'timeout' })),
    );
    await outcome();
    expect(ports.confirmation).toMatchObject({ state: 'not available' });
    expect(ports.confirmation?.finding).toContain('1 of 1 classes, 1 gone; ');
    expect(asked.length).toBeLessThan(10);
  });

  it('are asked for no longer than four minutes', async () => {
    const absent = { count: 50, ids: ids(50) };
    const { asked, ports, outcome } = confirming(
      run({ orgs: absent, classes: absent, users: absent }),
      withKnown(async () => {
        await ports.clock.pass(2_000);
        return GONE;
      }),
    );
    await outcome();
    expect(ports.confirmation?.state).toBe('not available');
    expect(ports.confirmation?.finding).toMatch(/ 50 gone; 50 of 50 classes, 50 gone; .*\(time is up\)\.$/);
    expect(asked.length).toBeLessThan(130);
  });
});
