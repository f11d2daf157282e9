import { describe, expect, it } from '@jest/globals';
import { changeKey, encodeChange, encodeFence, NO_SCHOOL, type ChangeVerb } from '#contracts';
import type { FoldedMessage } from '../verify/topic-fold.js';
import { enrollmentsOf } from './enrolled.js';

interface Event {
  readonly id?: string;
  readonly verb?: ChangeVerb;
  readonly generation: number;
  readonly user?: string;
  readonly district?: string;
  readonly epoch?: number;
}

const NOBODY = { theirs: [], others: [] };

function event({ id = 'e', generation, user, district = 'd', epoch = 1, verb = 'updated' }: Event) {
  const body = Buffer.from(
    JSON.stringify({ class: 'c', sourcedId: id, ...(user === undefined ? {} : { user }) }),
  );
  return encodeChange({
    districtId: district,
    entityType: 'enrollments',
    gg4lId: id,
    verb,
    generation,
    epoch,
    time: '2026-01-01T00:00:00.000Z',
    fingerprint: Buffer.alloc(16, 1),
    schoolHash: NO_SCHOOL,
    ...(verb === 'archived' ? { cause: 'absent' } : { body }),
  });
}

const fence = (epoch: number) =>
  encodeFence({
    entityType: 'enrollments',
    partition: 0,
    epoch,
    author: 'a',
    time: '2026-01-01T00:00:00.000Z',
  });
const tombstone = (id: string) => ({ key: changeKey('d', 'enrollments', id), value: null });

/** What a topic with these messages, in one partition, says of t-1. */
async function told(...messages: readonly { readonly key: string; readonly value: Buffer | null }[]) {
  const log = messages.map(({ key, value }, at): FoldedMessage => ({
    offset: BigInt(at),
    key: Buffer.from(key),
    value,
  }));
  const reader = {
    ends: () => Promise.resolve({ start: 0n, end: BigInt(log.length) }),
    read: async function* () {
      yield await Promise.resolve(log);
    },
  };
  const topics = { changes: { enrollments: 't' } };
  return enrollmentsOf({ reader, topics, partitions: [0] } as never, 'd', 't-1');
}

describe('enrollments of a user, as their topic tells them', () => {
  it('are those whose last record names the user, in that district', async () => {
    const [mine, of2, elsewhere] = [
      event({ id: 'mine', generation: 5, user: 't-1' }),
      event({ id: 'of 2', generation: 5, user: 't-2' }),
      event({ id: 'elsewhere', generation: 5, user: 't-1', district: 'x' }),
    ];
    expect(await told(mine, of2, elsewhere)).toEqual({ theirs: ['mine'], others: [] });
  });

  it('are not those that were given to somebody else since, nor those that name nobody any more', async () => {
    const was = event({ generation: 5, user: 't-1' });
    expect(await told(was, event({ generation: 6, user: 't-2' }))).toEqual({ theirs: [], others: ['e'] });
    expect(await told(was, event({ generation: 6 }))).toEqual({ theirs: [], others: ['e'] });
    expect(await told(event({ generation: 4, user: 't-2' }), was)).toEqual({ theirs: ['e'], others: [] });
  });

  it('are what an archived one last named', async () => {
    const archived = event({ generation: 7, verb: 'archived' });
    expect(await told(event({ generation: 5, user: 't-1' }), archived)).toEqual({
      theirs: ['e'],
      others: [],
    });
    expect(await told(archived)).toEqual(NOBODY);
  });

  it('are told by the highest generation that no fence took out of force, not by the last message', async () => {
    const now = event({ generation: 6, user: 't-2', epoch: 2 });
    const late = event({ generation: 5, user: 't-1', epoch: 2 });
    const fenced = event({ generation: 9, user: 't-1', epoch: 1 });
    expect(await told(now, late)).toEqual({ theirs: [], others: ['e'] });
    expect(await told(fence(2), now, fenced)).toEqual({ theirs: [], others: ['e'] });
    expect(
      await told(event({ generation: 5, user: 't-1' }), fence(2), event({ generation: 6, user: 't-2' })),
    ).toEqual({ theirs: ['e'], others: [] });
  });

  it('begin anew behind a tombstone: an event of any generation is the first', async () => {
    const was = event({ generation: 9, user: 't-1' });
    expect(await told(was, tombstone('e'), event({ generation: 5, user: 't-2' }))).toEqual({
      theirs: [],
      others: ['e'],
    });
    expect(await told(was, tombstone('e'))).toEqual({ theirs: ['e'], others: [] });
  });
});
