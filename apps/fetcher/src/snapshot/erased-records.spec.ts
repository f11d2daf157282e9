import { describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, recordHash, XorSum, type EndMarker, type EntityType } from '#contracts';
import { MemoryPorts, RUN, type Rows } from '../../test/memory.ports.js';
import { RunFetch } from '../run/fetch-run.js';

const settings = { owner: 'me', partitions: 1, leaseMs: 15_000, renewMs: 5_000 };
const user = (sourcedId: string) => ({ sourcedId, givenName: 'Ada', familyName: 'King', role: 'student' });
const seat = (sourcedId: string, of: string) => ({ sourcedId, user: of, class: 'math', role: 'student' });
const ROWS: Rows = {
  users: [user('ada'), user('ben'), { sourcedId: 'odd', givenName: { broken: true } }],
  demographics: [{ sourcedId: 'ada', sex: 'female' }, { sourcedId: 'ben' }],
  enrollments: [seat('1', 'ada'), seat('2', 'ben'), { sourcedId: '3', user: { sourcedId: 'ada' } }],
};

async function fetched(erased: MemoryPorts['erased'], rows = ROWS): Promise<MemoryPorts> {
  const ports = new MemoryPorts(rows);
  ports.erased = erased;
  const { kind } = await new RunFetch(RUN, ports, settings, 0).fetch();
  expect(kind).toBe('read');
  return ports;
}

function sent(ports: MemoryPorts, type: EntityType): readonly string[] {
  return ports.appended.flatMap(({ message }) =>
    message.kind === 'records' && message.entityType === type
      ? message.records.map(({ gg4lId }) => gg4lId)
      : [],
  );
}

function bodyOf(ports: MemoryPorts, gg4lId: string): string {
  const records = ports.appended.flatMap(({ message }) =>
    message.kind === 'records' ? message.records : [],
  );
  return String(records.find((record) => record.gg4lId === gg4lId)?.body);
}

describe('a person who was erased', () => {
  const erased = { users: ['ada', 'odd'], demographics: ['ada'] };

  it('is never published, with all that is theirs, also what is enrolled after the erasure', async () => {
    const ports = await fetched(erased);
    expect(sent(ports, 'users')).toEqual(['ben']);
    expect(sent(ports, 'demographics')).toEqual(['ben']);
    expect(sent(ports, 'enrollments')).toEqual(['2']);
    expect(JSON.stringify(ports.reading)).not.toContain('"ada"');
    expect(ports.letters).toEqual([]);
  });

  it('takes no enrollment along that was given to somebody else since, and every one that names nobody', async () => {
    const listed = { ...erased, enrollments: ['1', '2', '4'] };
    const nobody = { sourcedId: '4', class: 'math', role: 'student' };
    const ports = await fetched(listed, { ...ROWS, enrollments: [...(ROWS.enrollments ?? []), nobody] });
    expect(sent(ports, 'enrollments')).toEqual(['2']);
    expect(ports.reading?.erased).toMatchObject({ enrollments: 3 });
  });

  it('is named by no record of a relative any more', async () => {
    const son = { ...user('son'), agents: [{ sourcedId: 'ada', type: 'user' }, { sourcedId: 'ben' }] };
    const agentsOf = async (gone: MemoryPorts['erased']): Promise<unknown> => {
      const ports = await fetched(gone, { ...ROWS, users: [...(ROWS.users ?? []), son] });
      return (JSON.parse(bodyOf(ports, 'son')) as { agents: unknown }).agents;
    };
    expect(await agentsOf({})).toEqual(['ada', 'ben']);
    expect(await agentsOf(erased)).toEqual(['ben']);
  });

  it('is outside of what END tells, and counted as left out', async () => {
    const ports = await fetched(erased);
    const [end] = ports.appended.flatMap<EndMarker>(({ message }) =>
      message.kind === 'end' ? [message] : [],
    );
    for (const type of ENTITY_TYPES) {
      const sum = new XorSum();
      for (const id of sent(ports, type)) sum.add(recordHash('d1', type, id));
      expect(end?.types[type]).toEqual({ count: sum.count, xor: sum.hex });
    }
    expect(ports.reading?.erased).toMatchObject({ orgs: 0, users: 2, demographics: 1, enrollments: 2 });
    expect(ports.reading?.quarantined).toMatchObject({ users: 0 });
  });

  it('fails no point of the proof: what the source gave is counted whole, and what refers to them is no loose end', async () => {
    const [whole, without] = [await fetched({}), await fetched(erased)];
    expect(without.reading?.rows).toEqual(whole.reading?.rows);
    const states = (ports: MemoryPorts) => ports.reading?.proof.map(({ point, state }) => [point, state]);
    expect(states(without)).toEqual(states(whole));
    expect(without.reading?.references.enrollments?.outside).toBe(1); // the class of the one that is left
  });

  it('comes with the next snapshot again when nobody is erased', async () => {
    const ports = await fetched({});
    expect(sent(ports, 'users')).toEqual(['ada', 'ben', 'odd']);
    expect(ports.reading?.erased).toMatchObject({ users: 0 });
  });
});
