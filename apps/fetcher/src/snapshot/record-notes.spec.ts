import { describe, expect, it } from '@jest/globals';
import { MAX_RECORD_BYTES, type EntityType, type RawRecord } from '#contracts';
import type { Reading } from '#ledger';
import { MemoryPorts, RUN, type Rows } from '../../test/memory.ports.js';
import { RunFetch } from '../run/fetch-run.js';
import { MAX_LISTED } from './record-notes.js';

const settings = { owner: 'me', partitions: 3, leaseMs: 15_000, renewMs: 5_000 };
const every = { status: 'active', dateLastModified: '2026-08-01' };
const user = (sourcedId: string, change: object = {}) => ({
  ...{ ...every, sourcedId, username: sourcedId, givenName: 'Ada', familyName: 'King' },
  ...{ role: 'student', orgs: ['s1'], enabledUser: true },
  ...change,
});
const aClass = (sourcedId: string, school: unknown) => ({
  ...{ ...every, sourcedId, title: 'Algebra', course: 'c1', terms: ['t1'], school },
});

async function read(
  rows: Rows,
  run: Partial<typeof RUN> = {},
): Promise<{ reading: Reading; ports: MemoryPorts }> {
  const ports = new MemoryPorts(rows);
  const outcome = await new RunFetch({ ...RUN, ...run }, ports, settings, 0).fetch();
  if (outcome.kind !== 'read') throw new Error(outcome.kind);
  return { reading: outcome.reading, ports };
}

function sent(ports: MemoryPorts, type: EntityType): readonly RawRecord[] {
  return ports.appended.flatMap(({ message }) =>
    message.kind === 'records' && message.entityType === type ? message.records : [],
  );
}

describe('warnings of a snapshot', () => {
  it('are counted by type, attribute and reason, and their records go through', async () => {
    const rows: Rows = {
      users: [
        user('a', { familyName: undefined }),
        user('b', { familyName: '' }),
        user('c', { familyName: undefined, enabledUser: 'perhaps' }),
        user('d', { givenName: "J-ggf'xyz" }),
      ],
      courses: [{ ...every, sourcedId: 'c1', title: 'Algebra' }],
    };
    const { reading, ports } = await read(rows);
    expect(reading.warnings).toEqual({
      users: {
        familyName: { missing: 2, empty: 1 },
        enabledUser: { 'not a boolean': 1 },
        givenName: { masked: 1 },
      },
      courses: { courseCode: { missing: 1 } },
    });
    expect(sent(ports, 'users').filter(({ quarantined }) => !quarantined)).toHaveLength(4);
  });

  it('of attributes that OneRoster does not name are counted together, however many there are', async () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 40; level += 1) deep = { in: deep, at: 1 };
    const users = Array.from({ length: 30 }, (_, n) => user(`u${n}`, { [`own${n}`]: deep }));
    const { reading } = await read({ users });
    expect(reading.warnings).toEqual({ users: { extensions: { 'nested too deeply': 30 } } });
  });

  it('of an id that the source repeats are counted once', async () => {
    const { reading } = await read({ users: [user('a', { role: '' }), user('a', { role: '' })] });
    expect(reading.warnings).toEqual({ users: { role: { empty: 1 } } });
  });
});

describe('quarantined records of a snapshot', () => {
  it('are listed with the attribute and the reason, without contents', async () => {
    const huge = { own: 'x'.repeat(MAX_RECORD_BYTES) };
    const { reading, ports } = await read({
      classes: [aClass('k1', 7), aClass('k2', 's1')],
      users: [user('u', huge)],
    });
    expect(reading.quarantined).toMatchObject({ classes: 1, users: 1 });
    expect(reading.quarantinedRecords).toEqual({
      classes: [{ gg4lId: 'k1', attribute: 'school', reason: 'not a reference' }],
      users: [{ gg4lId: 'u', attribute: null, reason: 'larger than 512 KiB' }],
    });
    const [broken] = sent(ports, 'classes').filter(({ quarantined }) => quarantined);
    expect(broken).toMatchObject({ gg4lId: 'k1', body: Buffer.alloc(0) });
  });

  it('are all counted, and the first of each type listed', async () => {
    const classes = Array.from({ length: MAX_LISTED + 5 }, (_, n) => aClass(`k${n}`, true));
    const { reading } = await read({ classes });
    expect(reading.quarantined.classes).toBe(MAX_LISTED + 5);
    expect(reading.quarantinedRecords?.classes).toHaveLength(MAX_LISTED);
  });
});

describe('masked users of a snapshot', () => {
  it('are counted among the active ones, beside what was masked before', async () => {
    const masked = { familyName: "K-ggl'abc" };
    const users = [user('a', masked), user('b'), user('c', { ...masked, status: 'tobedeleted' })];
    const maskedBefore = { users: { records: 3, masked: 0 } };
    const { reading } = await read({ users }, { maskedBefore });
    expect(reading.masked?.users).toEqual({ records: 2, masked: 1 });
    expect(reading.maskedBefore).toEqual(maskedBefore);
  });

  it('are counted beside demographics with a masked day of birth', async () => {
    const birthDates = ['2011-01-01', '2012-09-01', '2012-03-04'];
    const demographics = birthDates.map((birthDate, n) => ({ sourcedId: `d${n}`, ...every, birthDate }));
    const { reading } = await read({ demographics });
    expect(reading.masked).toEqual({
      ...{ users: { records: 0, masked: 0 }, demographics: { records: 3, masked: 2 } },
    });
  });
});

describe('an allow-list', () => {
  const rows: Rows = {
    orgs: [{ ...every, sourcedId: 's1', name: 'North', type: 'school' }],
    users: [user('a', { email: 'ada@b.org' })],
    demographics: [{ ...every, sourcedId: 'a', sex: 'female' }],
    enrollments: [{ ...every, sourcedId: 'e', user: 'a', school: 's1', class: 'k1', role: 'student' }],
  };
  const allow = { types: ['orgs', 'users', 'enrollments'], attributes: { users: ['givenName'] } } as const;

  it('keeps types it does not name from being asked for, and END tells of none of them', async () => {
    const asked: EntityType[] = [];
    const ports = new MemoryPorts(rows);
    ports.onPage = (type) => void asked.push(type);
    const outcome = await new RunFetch({ ...RUN, allow }, ports, settings, 0).fetch();
    expect(asked).toEqual(['orgs', 'users', 'enrollments']);
    if (outcome.kind !== 'read') throw new Error(outcome.kind);
    const notAllowed = ['academicSessions', 'courses', 'classes', 'demographics'];
    expect(outcome.reading).toMatchObject({ notAllowed, notGranted: [] });
    const ends = ports.appended.flatMap(({ message }) => (message.kind === 'end' ? [message.types] : []));
    expect(ends).toHaveLength(3);
    for (const types of ends) expect(types.demographics).toMatchObject({ count: 0 });
  });

  it('keeps attributes it does not name from being published', async () => {
    const { ports } = await read(rows, { allow });
    expect(sent(ports, 'users').map(({ body }) => body.toString())).toEqual([
      '{"givenName":"Ada","sourcedId":"a"}',
    ]);
    expect(sent(ports, 'orgs').map(({ body }) => body.toString())).toEqual([
      '{"name":"North","sourcedId":"s1","type":"school"}',
    ]);
  });

  it('does not take references to types it leaves out for open ones', async () => {
    const { reading } = await read(rows, { allow });
    expect(reading.references.enrollments).toEqual({ checked: 1, outside: 0 });
  });
});
