import { describe, expect, it } from '@jest/globals';
import {
  ENTITY_TYPES,
  partitionOf,
  recordHash,
  XorSum,
  type EndMarker,
  type EntityType,
  type RawRecord,
} from '#contracts';
import { CsvBundleError } from '#csv-bundle';
import { DISTRICT, MemoryPorts, RUN, type Rows } from '../../test/memory.ports.js';
import { RunFetch, type RunOutcome } from './fetch-run.js';

const P = 3;
const settings = { owner: 'me', partitions: P, leaseMs: 15_000, renewMs: 5_000 };
const user = (sourcedId: string, change: object = {}) => ({ sourcedId, givenName: 'A', ...change });
const users = (count: number): unknown[] => Array.from({ length: count }, (_, n) => user(`u${n}`));
const school = { sourcedId: 's1', name: 'North', type: 'school' };

const fetchOf = (ports: MemoryPorts): RunFetch => new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
const fetched = (ports: MemoryPorts): Promise<RunOutcome> => fetchOf(ports).fetch();

function sent(ports: MemoryPorts, type: EntityType): (RawRecord & { readonly partition: number })[] {
  return ports.appended.flatMap(({ partition, message }) =>
    message.kind === 'records' && message.entityType === type
      ? message.records.map((record) => ({ ...record, partition }))
      : [],
  );
}

describe('a snapshot that is read', () => {
  const rows: Rows = {
    orgs: [school],
    users: users(7),
    enrollments: [{ sourcedId: 'e1', user: { sourcedId: 'u1' } }],
  };

  it('begins in every partition before the first record, and ends in every partition behind the last', async () => {
    const ports = new MemoryPorts(rows);
    expect((await fetched(ports)).kind).toBe('read');
    const kinds = ports.appended.map(({ message }) => message.kind);
    expect(kinds.slice(0, P)).toEqual(['begin', 'begin', 'begin']);
    expect(kinds.slice(-P)).toEqual(['end', 'end', 'end']);
    expect(new Set(kinds.slice(P, -P))).toEqual(new Set(['records']));
    expect(ports.appended.slice(-P).map(({ partition }) => partition)).toEqual([0, 1, 2]);
  });

  it('awaits the acknowledgement of BEGIN before it reads on', async () => {
    const ports = new MemoryPorts(rows);
    let begun = false;
    ports.onAppend = async (messages) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (messages[0]?.message.kind === 'begin') begun = true;
    };
    ports.onPage = () => expect(begun).toBe(true);
    expect((await fetched(ports)).kind).toBe('read');
  });

  it('puts each record into the partition of its hash, and tells in END how many and which', async () => {
    const ports = new MemoryPorts(rows);
    await fetched(ports);
    const ends = ports.appended
      .map(({ message }) => message)
      .filter(({ kind }) => kind === 'end') as EndMarker[];
    for (const type of ENTITY_TYPES) {
      const records = sent(ports, type);
      for (const { gg4lId, partition } of records) {
        expect(partition).toBe(partitionOf(recordHash('d1', type, gg4lId), P));
      }
      ends.forEach(({ types }, partition) => {
        const sum = new XorSum();
        for (const one of records)
          if (one.partition === partition) sum.add(recordHash('d1', type, one.gg4lId));
        expect(types[type]).toEqual({ count: sum.count, xor: sum.hex });
      });
    }
    expect(sent(ports, 'users')).toHaveLength(7);
  });

  it('is confirmed with the ledger before END, proven in the ledger after it, and reported last', async () => {
    const ports = new MemoryPorts(rows);
    await fetched(ports);
    expect(ports.happened.slice(-6)).toEqual(['renew', 'end', 'end', 'end', 'finish', 'report read']);
    expect(ports.reading?.rows).toMatchObject({ orgs: 1, users: 7, enrollments: 1, classes: 0 });
    expect(ports.reading?.proof.map(({ state }) => state)).toEqual([
      'proven',
      'proven',
      'proven',
      'proven',
      'not available',
      'not available',
    ]);
  });

  it('sends an id once, however often the source repeats it', async () => {
    const ports = new MemoryPorts({
      users: [user('a'), user('b'), user('a'), user('b', { givenName: 'B' })],
    });
    await fetched(ports);
    expect(
      sent(ports, 'users')
        .map(({ gg4lId }) => gg4lId)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(ports.reading?.proof[3]).toMatchObject({ point: 4, state: 'failed' });
  });

  it('tells an id of one type from the same id of another', async () => {
    const ports = new MemoryPorts({ users: [user('x')], demographics: [{ sourcedId: 'x', sex: 'female' }] });
    await fetched(ports);
    expect(sent(ports, 'users')).toHaveLength(1);
    expect(sent(ports, 'demographics')).toHaveLength(1);
  });

  it('keeps a row without a usable id as a dead letter with its number, and goes on', async () => {
    const ports = new MemoryPorts({ users: [user('a'), { givenName: 'B' }, 'C', user('d')] });
    await fetched(ports);
    expect(ports.letters.map(({ origin }) => origin)).toEqual([
      { kind: 'row', districtId: 'd1', generation: 7, entityType: 'users', row: 1 },
      { kind: 'row', districtId: 'd1', generation: 7, entityType: 'users', row: 2 },
    ]);
    expect(sent(ports, 'users')).toHaveLength(2);
    expect(ports.reading?.unreadable.users).toBe(2);
  });

  it('knows of each type one record that is there, to try single records with', async () => {
    const ports = new MemoryPorts({
      users: [
        user('w', { status: 'tobedeleted' }),
        user('a/b'),
        user('q', { givenName: { first: 'A' } }),
        user('d'),
      ],
      orgs: [{ ...school, status: 'inactive' }],
      courses: [{ sourcedId: 'c1', title: 'Chess' }],
    });
    await fetched(ports);
    expect(ports.reading?.known).toEqual({ users: 'd', courses: 'c1' });
  });

  it('fails point 3 of its proof where a page did not begin at the last row of the one before', async () => {
    const ports = new MemoryPorts(rows);
    ports.boundaries = { matched: 3, mismatched: 1, unchecked: 0 };
    await fetched(ports);
    expect(ports.reading?.proof[2]).toMatchObject({ point: 3, state: 'failed' });
  });

  it('says what the source needed, each thing once', async () => {
    const ports = new MemoryPorts(rows);
    ports.quirks = ['no totals', 'limit clamped'];
    await fetched(ports);
    expect(ports.reading?.quirks).toEqual(['limit clamped', 'no totals']);
  });

  it('says what is not granted, and ends it with nothing', async () => {
    const ports = new MemoryPorts(rows);
    ports.notGranted.add('demographics');
    await fetched(ports);
    expect(ports.reading?.notGranted).toEqual(['demographics']);
  });

  it('counts records that point outside, but not into collections that are not granted', async () => {
    const enrollment = (sourcedId: string, userId: string, orgId: string) => ({
      sourcedId,
      user: { sourcedId: userId },
      school: { sourcedId: orgId },
    });
    const enrollments = [
      enrollment('e1', 'u0', 's1'),
      enrollment('e2', 'gone', 's1'),
      enrollment('e3', 'gone', 'gone'),
    ];
    const ports = new MemoryPorts({ orgs: [school], users: users(1), enrollments });
    await fetched(ports);
    expect(ports.reading?.references.enrollments).toEqual({ checked: 3, outside: 2 });
    const without = new MemoryPorts({ orgs: [school], enrollments: enrollments.slice(0, 2) });
    without.notGranted.add('users');
    await fetched(without);
    expect(without.reading?.references.enrollments).toEqual({ checked: 2, outside: 0 });
  });

  it('reports its progress about every second', async () => {
    const ports = new MemoryPorts({ users: users(10) });
    ports.onPage = () => ports.clock.pass(400);
    await fetched(ports);
    const reading = ports.reports.filter(({ kind }) => kind === 'reading');
    expect(reading).toHaveLength(2);
    expect(reading.at(-1)).toMatchObject({ types: { users: 10 } });
  });
});

describe('another OneRoster version is another id space:', () => {
  const switched = (ports: MemoryPorts, last: string, confirmed: string | null = null): MemoryPorts => {
    ports.district = { ...DISTRICT, version: '1.2' };
    ports.knownVersions = { last, confirmed };
    return ports;
  };

  it('a run that would mix two is ended before anything is published', async () => {
    const ports = switched(new MemoryPorts({ users: users(3) }), '1.1');
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', retry: 'none' });
    expect(ports.failure?.reason).toMatch(/read with OneRoster 1.1 until now, and the source is 1.2/);
    expect(ports.appended).toEqual([]);
  });

  it('a run goes on if an operator has set that version, and notes it', async () => {
    const ports = switched(new MemoryPorts({ users: users(3) }), '1.1', '1.2');
    expect((await fetched(ports)).kind).toBe('read');
    expect(ports.reading?.version).toBe('1.2');
  });

  it('a version that was set for a switch does not allow another one back', async () => {
    const ports = switched(new MemoryPorts(), '1.2', '1.2');
    ports.district = DISTRICT;
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', retry: 'none' });
  });

  it('a source that changes its version while it is read is not believed', async () => {
    const ports = new MemoryPorts({ users: users(3) });
    ports.onPage = () => {
      ports.district = { ...DISTRICT, version: '1.2' };
    };
    expect(await fetched(ports)).toMatchObject({ kind: 'failed', retry: 'source' });
    expect(ports.appended.some(({ message }) => message.kind === 'end')).toBe(false);
  });
});

describe('a CSV bundle', () => {
  it('that cannot be believed ends the run with its reason', async () => {
    const ports = new MemoryPorts({ users: users(3) });
    ports.onPage = () => {
      throw new CsvBundleError('users.csv, line 3: a quoted field is not closed');
    };
    expect(await fetched(ports)).toMatchObject({
      kind: 'failed',
      reason: 'users.csv, line 3: a quoted field is not closed',
      retry: 'source',
    });
  });
});
