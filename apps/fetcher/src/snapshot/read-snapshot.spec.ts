import { expect, it } from '@jest/globals';
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { MemoryPorts, RUN } from '../../test/memory.ports.js';
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

it('an enrollment whose user or class is not shared goes through', async () => {
  const enrollment = { sourcedId: 'e', user: { sourcedId: 'elsewhere' }, class: { sourcedId: 'elsewhere' } };
  const ports = new MemoryPorts({ enrollments: [enrollment] });
  await fetched(ports);
  const sent = ports.appended.flatMap(({ message }) => (message.kind === 'records' ? message.records : []));
  expect(sent.map(({ gg4lId, quarantined }) => [gg4lId, quarantined])).toEqual([['e', false]]);
});
