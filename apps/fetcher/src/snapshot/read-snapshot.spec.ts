import { expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { DISTRICT, MemoryPorts, RUN } from '../../test/memory.ports.js';
import type { DistrictSource } from '#school-passport';
import { OUTBOX_LIMITS } from '../packing/outbox.js';
import { RunFetch } from '../run/fetch-run.js';

const settings = { owner: 'me', partitions: 3, leaseMs: 15_000, renewMs: 5_000 };

async function fetched(ports: MemoryPorts): Promise<void> {
  const fetch = new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
  expect((await fetch.fetch()).kind).toBe('read');
}

it('the seven collections are read, each once, parents before children, and nothing else', async () => {
  const one = [{ sourcedId: 'a' }];
  const ports = new MemoryPorts(Object.fromEntries(ENTITY_TYPES.map((type) => [type, one])));
  const read: EntityType[] = [];
  ports.onPage = (type) => void read.push(type);
  await fetched(ports);
  expect(read).toEqual([
    ...['orgs', 'academicSessions', 'courses', 'classes', 'users', 'demographics', 'enrollments'],
  ]);
});

it('no further page is read while more is under way than may be', async () => {
  const givenName = 'x'.repeat(400 * 1024);
  const ports = new MemoryPorts({
    users: Array.from({ length: 60 }, (_, n) => ({ sourcedId: `u${n}`, givenName })),
  });
  let [underWay, most] = [0, 0];
  ports.onAppend = async (messages) => {
    const bodies = messages.flatMap(({ message }) => (message.kind === 'records' ? message.records : []));
    const bytes = bodies.reduce((sum, { body }) => sum + body.length, 0);
    underWay += bytes;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= bytes;
  };
  await fetched(ports);
  const { inFlightBytes, sendBytes } = OUTBOX_LIMITS;
  expect(most).toBeGreaterThan(inFlightBytes);
  expect(most).toBeLessThan(inFlightBytes + 2 * sendBytes);
});

it('an enrollment whose user or class is not shared goes through', async () => {
  const enrollment = { sourcedId: 'e', user: { sourcedId: 'elsewhere' }, class: { sourcedId: 'elsewhere' } };
  const ports = new MemoryPorts({ enrollments: [enrollment] });
  await fetched(ports);
  const sent = ports.appended.flatMap(({ message }) => (message.kind === 'records' ? message.records : []));
  expect(sent.map(({ gg4lId, quarantined }) => [gg4lId, quarantined])).toEqual([['e', false]]);
});

it.each([
  ['withdrawn first', ['tobedeleted', 'active']],
  ['active first', ['active', 'tobedeleted']],
  ['withdrawn first, and without a form that can be read', ['tobedeleted', 'active'], { beginDate: 'soon' }],
])(
  'an id that comes twice, %s, fails point 4: their order must not say which is in force',
  async (...given) => {
    const [, statuses, change = {}] = given as [string, string[], object?];
    const enrollments = statuses.map((status) => ({ sourcedId: 'e', role: 'student', status, ...change }));
    const ports = new MemoryPorts({ enrollments });
    ports.totals = null;
    await fetched(ports);
    expect(ports.reading?.proof[3]).toEqual({
      ...{ point: 4, state: 'failed' },
      finding: 'Rows that repeat an id with different content: 1 in enrollments.',
    });
  },
);

it.each([
  ['of another version', { version: '1.2' }],
  ['on another server', { oneRosterUrl: 'https://other.example.org' }],
])('a source that is %s after the last page than before the first is not believed', async (_name, change) => {
  const ports = new MemoryPorts({ users: [{ sourcedId: 'a' }] });
  ports.onPage = () => void (ports.district = { ...DISTRICT, ...change } as DistrictSource);
  const fetch = new RunFetch(RUN, ports, settings, ports.clock.elapsedMs());
  expect((await fetch.fetch()).kind).toBe('failed');
  expect(ports.failure?.reason).toContain('changed while reading');
});
