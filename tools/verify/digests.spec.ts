import { describe, expect, it } from '@jest/globals';
import { encodeChange, NO_SCHOOL, watermarkTerm, XorSum } from '#contracts';
import { readRecord } from '#oneroster';
import { compareDigests } from './digests.js';
import type { Stores } from './stores.js';
import { TopicFold } from './topic-fold.js';
import { Verification } from './verification.js';

const LOOKS = { looks: 5, everyMs: 0 };

/** One partition of users, whose rows are always right, and a run that applies while somebody looks. */
class MovingPlace {
  readonly #log: { offset: bigint; key: Buffer; value: Buffer }[] = [];
  readonly #entries = new Map<string, { generation: number; status: 'active'; fingerprint: Buffer }>();
  readonly fold = new TopicFold('users', 0);
  /** What the run does next, each time the index is asked for its sum or read through. */
  readonly run: (() => void)[] = [];
  looks = 0;

  emit(id: string): void {
    const { canonical: body, fingerprint } = recordOf(id);
    const times = { generation: 5, epoch: 1, time: '2026-09-21T14:13:20.000Z' };
    const whose = { districtId: 'd', entityType: 'users', gg4lId: id, schoolHash: NO_SCHOOL } as const;
    const { key, value } = encodeChange({ ...whose, ...times, verb: 'created', fingerprint, body });
    this.#log.push({ offset: BigInt(this.#log.length), key: Buffer.from(key), value });
  }

  index(id: string): void {
    this.#entries.set(id, { generation: 5, status: 'active', fingerprint: recordOf(id).fingerprint });
  }

  apply(id: string): void {
    this.emit(id);
    this.index(id);
  }

  readOn(): Promise<ReadonlySet<string>> {
    for (const message of this.#log.slice(Number(this.fold.next))) this.fold.add(message);
    return Promise.resolve(new Set());
  }

  stores(): Stores {
    const index = {
      epoch: async () => 1,
      districts: async () => ['d'],
      records: async function* () {
        yield records(true);
      },
      entries: async (_: unknown, ids: readonly string[]) => ids.map((id) => this.#entries.get(id) ?? null),
      digest: async () => {
        this.looks += 1;
        this.run.shift()?.();
        const sum = new XorSum();
        for (const [id, { fingerprint }] of this.#entries) sum.add(watermarkTerm(id, fingerprint));
        return { active: sum.count, xor: sum.hex };
      },
    };
    const records = (goesOn: boolean) => {
      const seen = [...this.#entries].map(([gg4lId, entry]) => ({ entry, ...rowOf(gg4lId, entry) }));
      if (goesOn) this.run.shift()?.();
      return seen;
    };
    const rows = {
      rows: async function* () {
        yield records(false);
      },
      suppressed: async () => new Set(),
    };
    const foldAll = async () => [(await this.readOn(), this.fold)];
    const lag = { below: async () => [] };
    const topics = { changes: { users: 't' } };
    const config = { ROLLCALL_NAMESPACE: 'spec' };
    const stores: unknown = { config, topics, partitions: [0], index, rows, lag, foldAll };
    return Object.assign(stores as Stores, { foldOn: () => this.readOn() });
  }

  compare() {
    return compareDigests(this.stores(), [{ fold: this.fold, districtId: 'd' }], LOOKS);
  }
}

function rowOf(gg4lId: string, { generation, fingerprint }: { generation: number; fingerprint: Buffer }) {
  const said = fingerprint.toString('hex');
  const place = { districtId: 'd', gg4lId, partition: 0, generation, active: true };
  return { ...place, fingerprint: said, computed: said, isEmpty: false, user: null };
}

function recordOf(id: string) {
  const reading = readRecord('users', { sourcedId: id });
  if (reading.kind !== 'record') throw new Error('a spec makes good records');
  return reading;
}

async function placeOf(...ids: readonly string[]): Promise<MovingPlace> {
  const place = new MovingPlace();
  for (const id of ids) place.apply(id);
  await place.readOn();
  return place;
}

describe('the sum of a place in the index', () => {
  it('is no difference where a run applied something after the topic was read', async () => {
    const place = await placeOf('a');
    place.run.push(() => place.apply('b'));
    expect(await place.compare()).toEqual({ wrong: [], moving: [] });
  });

  it('is no difference where the topic is ahead of it', async () => {
    const place = await placeOf('a');
    place.emit('b');
    await place.readOn();
    place.run.push(
      () => undefined,
      () => place.index('b'),
    );
    expect(await place.compare()).toEqual({ wrong: [], moving: [] });
  });

  it('is not judged where it moves all the while', async () => {
    const place = await placeOf('a');
    for (const id of ['b', 'c', 'd', 'e', 'f']) place.run.push(() => place.apply(id));
    const { wrong, moving } = await place.compare();
    expect([wrong, moving.map(({ districtId }) => districtId)]).toEqual([[], ['d']]);
    expect(place.looks).toBe(5);
  });

  it('is wrong where it differs and nothing moves', async () => {
    const place = await placeOf('a');
    place.index('b');
    const { wrong, moving } = await place.compare();
    expect([wrong.map(({ what }) => what), moving]).toEqual([['digest'], []]);
  });

  it('is looked at again by a verification too', async () => {
    const place = await placeOf('a');
    place.run.push(() => place.apply('b')); // when its entries were read
    const { differences, moving } = await new Verification(place.stores()).deep('users');
    expect([differences, moving]).toEqual([[], []]);
  });
});
