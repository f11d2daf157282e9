import { describe, expect, it } from '@jest/globals';
import { sampleEntries } from '../../test/sample-changes.js';
import { created } from '../../test/sample-log.js';
import { ChangeLoop } from '../following/change-loop.js';
import type { Entry } from '../following/decode-entries.js';
import { TurnOverError } from '../following/ports.js';
import { HandlerStore } from './handler.store.js';
import type { ChangeHandlers } from './handlers.js';
import { MemoryState } from './memory.state.js';

const PLACE = { topic: 'roster.users.v1', entityType: 'users', partition: 0 } as const;
const DISTRICT = 'district-1';
const people = sampleEntries(
  'users',
  Array.from({ length: 1_000 }, (_, at) => created(`u-${at}`, 5)),
);

/** A consumer of users on a clock that nothing but its handlers moves on. */
class Slow {
  now = 0;
  isLive = true;
  next = 0n;
  readonly state = new MemoryState();
  readonly handed: string[] = [];
  readonly beats: number[] = [0];
  readonly commits: { at: number; next: bigint }[] = [{ at: 0, next: 0n }];
  readonly loop: ChangeLoop;

  constructor(handle: (slow: Slow, gg4lId: string) => void | Promise<void>) {
    const told = async ({ gg4lId }: { gg4lId: string }): Promise<void> => {
      await handle(this, gg4lId);
      this.handed.push(gg4lId);
    };
    const handlers: ChangeHandlers = { created: told, forgotten: told };
    this.loop = new ChangeLoop(PLACE, {
      store: new HandlerStore({ users: handlers }, this.state, undefined, () => this.now),
      outlet: { report: async () => undefined, deadLetter: async () => undefined },
      clock: { now: () => this.now },
      failpoint: () => undefined,
      ends: async () => ({ start: 0n, end: BigInt(people.length) }),
      stepMs: 2_000,
    });
  }

  /** All that was not committed, as Kafka hands it out again. */
  async deliver(all: readonly Entry[] = people): Promise<void> {
    const entries = all.filter(({ offset }) => offset >= this.next);
    await this.loop.handle(
      { entries, end: BigInt(all.length) },
      {
        isLive: () => this.isLive,
        heartbeat: async () => void this.beats.push(this.now),
        seek: () => undefined,
        commit: async (next) => {
          this.next = next;
          this.commits.push({ at: this.now, next });
        },
      },
    );
  }

  async kept(): Promise<number> {
    return (await this.state.digest(DISTRICT, 'users', 0)).active;
  }
}

const longest = (times: readonly number[]): number =>
  Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0)));

describe('handlers that are slow', () => {
  it.each([
    { takesMs: 30, silentMs: 1_100, uncommittedMs: 4_000 },
    { takesMs: 2_500, silentMs: 2_500, uncommittedMs: 2_500 },
  ])(
    'at $takesMs ms a record keep their membership, and what they did is committed every few seconds',
    async ({ takesMs, silentMs, uncommittedMs }) => {
      const slow = new Slow((own) => void (own.now += takesMs));
      await slow.deliver();
      expect(slow.handed).toHaveLength(people.length);
      expect(longest([...slow.beats, slow.now])).toBeLessThanOrEqual(silentMs);
      expect(longest(slow.commits.map(({ at }) => at))).toBeLessThanOrEqual(uncommittedMs);
      expect(slow.next).toBe(BigInt(people.length));
    },
  );

  it('that are fast are handed a thousand records a step soon', async () => {
    const slow = new Slow(() => undefined);
    await slow.deliver();
    expect(slow.commits.length).toBeLessThan(15);
  });

  it('that become slow within a step have what they did kept at least every second or so', async () => {
    let unkept = 0;
    const slow = new Slow(async (own, gg4lId) => {
      unkept = Math.max(unkept, own.handed.length - (await own.kept()));
      if (Number(gg4lId.slice(2)) >= 600) own.now += 400;
      else if (own.handed.length % 100 === 0) own.now += 1;
    });
    for (let at = 0; at < 600; at += 100) await slow.deliver(people.slice(0, at + 100));
    unkept = 0;
    await slow.deliver();
    expect(unkept).toBeLessThanOrEqual(3);
    expect(longest([...slow.beats, slow.now])).toBeLessThanOrEqual(1_300);
  });

  it('are not called again with what they did before one that failed', async () => {
    let fails = true;
    const slow = new Slow((own, gg4lId) => {
      own.now += 30;
      if (gg4lId === 'u-500' && fails) throw new Error('the network is away');
    });
    await expect(slow.deliver()).rejects.toThrow('the network is away');
    expect(slow.handed).toHaveLength(500);
    fails = false;
    await slow.deliver();
    expect(slow.handed).toEqual(people.map((_, at) => `u-${at}`));
  });

  it('are left off within a step when the turn is over, and go on behind that', async () => {
    const slow = new Slow((own, gg4lId) => {
      if (gg4lId === 'u-900') own.isLive = false;
      if (Number(gg4lId.slice(2)) >= 900) own.now += 5_000;
    });
    await expect(slow.deliver()).rejects.toThrow(TurnOverError);
    expect(slow.handed.at(-1)).toBe('u-900');
    expect(await slow.kept()).toBe(901);
    slow.isLive = true;
    await slow.deliver();
    expect(slow.handed).toEqual(people.map((_, at) => `u-${at}`));
  });

  it('are told again at most of the last records that are gone for good: the steps before are committed', async () => {
    const gone = Array.from({ length: 100 }, (_, at) => ({
      ...{ kind: 'tombstone', offset: BigInt(at), districtId: DISTRICT, gg4lId: `u-${at}` },
    })) as readonly Entry[];
    const slow = new Slow((own, gg4lId) => {
      if (gg4lId === 'u-90') throw new Error('the network is away');
      own.now += 1_000;
    });
    await expect(slow.deliver(gone)).rejects.toThrow('the network is away');
    expect(90 - Number(slow.next)).toBeLessThanOrEqual(2);
  });
});
