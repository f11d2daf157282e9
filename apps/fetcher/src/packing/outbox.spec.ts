import { describe, expect, it } from '@jest/globals';
import type { Placed, RawLog } from '../ports.js';
import { Outbox } from './outbox.js';

/** A log whose acknowledgements the spec gives. */
class SlowLog implements RawLog {
  readonly sends: { readonly messages: readonly Placed[]; acknowledge(): void; fail(error: Error): void }[] =
    [];

  append(messages: readonly Placed[]): Promise<void> {
    return new Promise((resolve, reject) =>
      this.sends.push({ messages, acknowledge: resolve, fail: reject }),
    );
  }
  report(): Promise<void> {
    return Promise.resolve();
  }
  deadLetters(): Promise<void> {
    return Promise.resolve();
  }
}

const packed = (generation: number, bytes: number) =>
  ({ placed: { partition: 0, message: { kind: 'apply', districtId: 'd', generation } }, bytes }) as const;
const limits = { sendBytes: 100, inFlightBytes: 150 };
const live = { assertLive: () => undefined };

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  return (await Promise.race([
    promise.then(() => false),
    new Promise((resolve) => setImmediate(resolve, true)),
  ])) as boolean;
}

describe('the outbox', () => {
  it('gathers messages into large sends, in their order', async () => {
    const log = new SlowLog();
    const outbox = new Outbox(log, live, limits);
    for (const n of [1, 2, 3, 4, 5]) outbox.put(packed(n, 40));
    const drained = outbox.drain();
    expect(log.sends.map(({ messages }) => messages.length)).toEqual([3, 2]);
    for (const send of log.sends) send.acknowledge();
    await drained;
  });

  it('has no room while too many bytes are in flight', async () => {
    const log = new SlowLog();
    const outbox = new Outbox(log, live, limits);
    outbox.put(packed(1, 120));
    await outbox.room();
    outbox.put(packed(2, 120));
    const room = outbox.room();
    expect(await isPending(room)).toBe(true);
    log.sends[0]?.acknowledge();
    await room;
    log.sends[1]?.acknowledge();
    await outbox.drain();
  });

  it('is not drained before everything is acknowledged', async () => {
    const log = new SlowLog();
    const outbox = new Outbox(log, live, limits);
    outbox.put(packed(1, 10));
    const drained = outbox.drain();
    expect(await isPending(drained)).toBe(true);
    log.sends[0]?.acknowledge();
    await drained;
  });

  it('throws the first failure at the next wait, and sends nothing after it', async () => {
    const log = new SlowLog();
    const outbox = new Outbox(log, live, limits);
    outbox.put(packed(1, 120));
    log.sends[0]?.fail(new Error('the log is away'));
    await expect(outbox.drain()).rejects.toThrow('the log is away');
    outbox.put(packed(2, 120));
    expect(log.sends).toHaveLength(1);
    await expect(outbox.room()).rejects.toThrow('the log is away');
  });

  it('sends nothing once the lease is lost', () => {
    const log = new SlowLog();
    const assertLive = (): never => {
      throw new Error('lost');
    };
    const outbox = new Outbox(log, { assertLive }, limits);
    expect(() => outbox.put(packed(1, 120))).toThrow('lost');
    expect(log.sends).toHaveLength(0);
  });
});
