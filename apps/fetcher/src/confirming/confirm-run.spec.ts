import { describe, expect, it } from '@jest/globals';
import type { EntityType, PerType } from '#contracts';
import type { ClaimedConfirmation } from '#ledger';
import { SchoolPassportError } from '#school-passport';
import { MemoryPorts } from '../../test/memory.ports.js';
import type { ConfirmPorts, SingleAnswer } from '../ports.js';
import { RunConfirmation, type ConfirmOutcome } from './confirm-run.js';

const settings = { owner: 'me', leaseMs: 15_000, renewMs: 5_000 };
const GONE: SingleAnswer = { kind: 'gone' };
const there = (sourcedId: string, more: object = {}): SingleAnswer => ({
  kind: 'record',
  row: { sourcedId, status: 'active', givenName: 'A', ...more },
});
const silent = (why: string): SingleAnswer => ({ kind: 'silent', why });
const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `u${n}`);

const run = (
  absent: ClaimedConfirmation['absent'],
  known: PerType<string> = { users: 'known', classes: 'known', orgs: 'known' },
): ClaimedConfirmation => ({ districtId: 'd1', generation: 7, absent, known, version: '1.1' });
const users = (count: number, of = count) => run({ users: { count: of, ids: ids(count) } });

type Answers = (gg4lId: string, type: EntityType) => SingleAnswer | Promise<SingleAnswer>;

interface Confirming {
  readonly ports: MemoryPorts;
  readonly asked: string[];
  readonly confirmation: RunConfirmation;
  readonly outcome: () => Promise<ConfirmOutcome>;
}

/** A source with single records: whoever is known is there, the others are as told. */
function confirming(claimed: ClaimedConfirmation, answers: Answers): Confirming {
  const ports = new MemoryPorts();
  const asked: string[] = [];
  ports.onReadOne = (type, gg4lId) => {
    asked.push(`${type}/${gg4lId}`);
    return answers(gg4lId, type);
  };
  const { source, clock } = ports;
  const needed: ConfirmPorts = { ledger: ports.confirming, source, clock };
  const confirmation = new RunConfirmation(claimed, needed, settings, clock.elapsedMs());
  return { ports, asked, confirmation, outcome: () => confirmation.confirm() };
}

const withKnown =
  (answer: Answers): Answers =>
  (gg4lId, type) =>
    gg4lId === 'known' ? there('known') : answer(gg4lId, type);

async function found(claimed: ClaimedConfirmation, answers: Answers) {
  const { ports, outcome } = confirming(claimed, answers);
  expect(await outcome()).toMatchObject({ kind: 'confirmed' });
  return ports.confirmation;
}

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

describe('a run that is to be confirmed', () => {
  const refused = new SchoolPassportError('unauthorized', 'the source refuses renewed credentials');

  it('fails, with no other try, where the source refuses the district', async () => {
    const { ports, outcome } = confirming(users(2), () => Promise.reject(refused));
    expect(await outcome()).toEqual({ kind: 'failed', reason: refused.message });
    expect(ports.failure).toEqual({ reason: refused.message, retry: 'none' });
    expect(ports.confirmation).toBeUndefined();
  });

  it('fails, with no other try, where the source does not name the district any more', async () => {
    const { ports, outcome } = confirming(users(2), () => GONE);
    ports.district = null;
    expect(await outcome()).toMatchObject({ kind: 'failed' });
    expect(ports.failure?.retry).toBe('none');
  });

  it('fails where the source has another OneRoster version by now: its 404 is of another id space', async () => {
    const { asked, ports, outcome } = confirming({ ...users(2), version: '1.2' }, () => GONE);
    expect(await outcome()).toEqual({
      kind: 'failed',
      reason: 'it was read with OneRoster 1.2, and the source is 1.1 now',
    });
    expect(ports.failure?.retry).toBe('none');
    expect(asked).toEqual([]);
  });

  it('is asked for where the version it was read with was not noted', async () => {
    const { ports, outcome } = confirming(
      { ...users(1), version: null },
      withKnown(() => GONE),
    );
    await outcome();
    expect(ports.confirmation?.state).toBe('proven');
  });

  it('is not confirmed, and goes on, where the source cannot even be found', async () => {
    const { ports, outcome } = confirming(users(2), () => GONE);
    ports.source.find = () => Promise.reject(new SchoolPassportError('timeout', 'no whole answer in time'));
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.confirmation).toMatchObject({ state: 'not available', stillThere: {} });
  });

  it('is lost with its lease, and nothing is noted', async () => {
    const { ports, outcome } = confirming(
      users(50),
      withKnown(async () => {
        await ports.clock.pass(1_000);
        return GONE;
      }),
    );
    ports.renewal = () => Promise.resolve(false);
    expect(await outcome()).toEqual({ kind: 'lost' });
    expect(ports.happened).toEqual(['renew']);
  });

  it('keeps its lease while it is asked for', async () => {
    const { ports, outcome } = confirming(
      users(50),
      withKnown(async () => {
        await ports.clock.pass(1_000);
        return GONE;
      }),
    );
    expect((await outcome()).kind).toBe('confirmed');
    expect(ports.happened.filter((what) => what === 'renew').length).toBeGreaterThanOrEqual(5);
  });

  it('is given up at once to another fetcher by one that stops', async () => {
    const { ports, confirmation, outcome } = confirming(users(9), (id) => {
      confirmation.stop();
      return there(id);
    });
    expect(await outcome()).toEqual({ kind: 'lost' });
    expect(ports.happened).toEqual(['give up']);
  });

  it('is abandoned by a bug, which is thrown on', async () => {
    const { ports, outcome } = confirming(users(2), () => Promise.reject(new TypeError('a bug')));
    await expect(outcome()).rejects.toThrow('a bug');
    expect(ports.happened).toEqual([]);
  });
});
