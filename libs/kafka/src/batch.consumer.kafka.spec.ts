import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsumerGround, nextOf } from '../test/consumer.ground.js';
import { numbered, out, until } from '../test/kafka.ground.js';
import type { BatchContext, LogBatch } from './log-messages.js';

const ground = new ConsumerGround();
afterEach(() => ground.close());

const textsOf = (batch: LogBatch) => batch.messages.map(({ value }) => String(value));

describe('a consumer of batches', () => {
  it('delivers everything from the start of the log and moves on with each commit', async () => {
    const topic = await ground.topicOf(30, 2);
    const group = ground.name();
    const seen: string[] = [];
    await ground.consume(topic, group, async (batch, context) => {
      expect(context.isLive()).toBe(true);
      expect(batch).toMatchObject({ topic, highWatermark: 30n });
      seen.push(...textsOf(batch).map((text) => `${batch.partition}/${text}`));
      await context.heartbeat();
      await context.commit(nextOf(batch));
    });
    await until(() => seen.length >= 60);
    await until(async () => (await ground.lagOf(group, topic)) === 0n);
    for (const partition of [0, 1]) {
      const own = seen.filter((text) => text.startsWith(`${partition}/`));
      expect(own).toEqual(numbered(30).map(({ value }) => `${partition}/${String(value)}`));
    }
  });

  it('delivers the rest again at once when a handler returns early', async () => {
    const topic = await ground.topicOf(10);
    const firsts: (bigint | undefined)[] = [];
    await ground.consume(topic, ground.name(), async (batch, context) => {
      firsts.push(batch.messages[0]?.offset);
      if (firsts.length === 1) return context.commit(4n);
      if (firsts.length === 2) return undefined;
      return context.commit(nextOf(batch));
    });
    await until(() => firsts.length >= 3);
    expect(firsts).toEqual([0n, 4n, 4n]);
  });

  it('delivers again after a restart what was not committed', async () => {
    const topic = await ground.topicOf(10);
    const group = ground.name();
    let calls = 0;
    const app = await ground.consume(topic, group, async (_batch, context) => {
      if (++calls === 1) await context.commit(6n);
    });
    await until(() => calls >= 2);
    await app.close();
    expect(await ground.lagOf(group, topic)).toBe(4n);
    const seen: string[] = [];
    await ground.consume(topic, group, async (batch, context) => {
      seen.push(...textsOf(batch));
      await context.commit(nextOf(batch));
    });
    await until(() => seen.length > 0);
    expect(seen).toEqual(['6', '7', '8', '9']);
  });

  it('goes where a handler seeks, forward and back', async () => {
    const topic = await ground.topicOf(10);
    const firsts: (bigint | undefined)[] = [];
    await ground.consume(topic, ground.name(), async (batch, context) => {
      firsts.push(batch.messages[0]?.offset);
      if (firsts.length === 1) context.seek(8n);
      else if (firsts.length === 2) context.seek(3n);
      else return context.commit(nextOf(batch));
      expect(context.isLive()).toBe(false);
      return undefined;
    });
    await until(() => firsts.length >= 3);
    expect(firsts).toEqual([0n, 8n, 3n]);
  });

  it('takes nothing more of a partition that a handler paused until it is resumed, and goes on with the others', async () => {
    const topic = await ground.topicOf(1, 2);
    const publisher = await ground.publisher();
    const calls = [0, 0];
    let isPaused = true;
    const consumer = await ground.consume(topic, ground.name(), async (batch, context) => {
      calls[batch.partition] = (calls[batch.partition] ?? 0) + 1;
      if (batch.partition === 0 && isPaused) return context.pause();
      await context.commit(nextOf(batch));
    });
    await until(() => calls.every((count) => count > 0));
    for (const round of [2, 3, 4]) {
      await publisher.publish(topic, [out('more', 0), out('more', 1)]);
      await until(() => (calls[1] ?? 0) >= round);
    }
    expect(calls[0]).toBe(1);
    isPaused = false;
    consumer.resume(topic, 0);
    await until(async () => calls[0] === 2 || (calls[0] ?? 0) > 2);
  });

  it('takes up a paused partition that was handed to another and comes back, and no other', async () => {
    const topic = await ground.topicOf(1, 2);
    const group = ground.name();
    const publisher = await ground.publisher();
    const calls = [0, 0];
    let own: readonly number[] = [];
    const onAssigned = (assignment: Readonly<Record<string, readonly number[]>>) => {
      own = assignment[topic] ?? [];
    };
    const pausing = async (batch: LogBatch, context: BatchContext) => {
      calls[batch.partition] = (calls[batch.partition] ?? 0) + 1;
      context.pause();
    };
    await ground.consume(topic, group, pausing, { onAssigned });
    await until(() => calls.every((count) => count === 1));
    const handed: number[] = [];
    const other = await ground.consume(topic, group, async ({ partition }) => void handed.push(partition));
    await until(() => own.length === 1 && handed.length > 0);
    const [kept = -1] = own;
    const moved = 1 - kept;
    await other.close();
    await until(() => own.length === 2);
    for (const partition of [0, 1]) await publisher.publish(topic, [out('more', partition)]);
    await until(() => calls[moved] === 2);
    expect(calls[kept]).toBe(1);
  });

  it('reports a crash when a handler has a bug', async () => {
    const topic = await ground.topicOf(1);
    const crashes: Error[] = [];
    const broken = async () => {
      throw new TypeError('a bug');
    };
    await ground.consume(topic, ground.name(), broken, { onCrash: (error) => crashes.push(error) });
    await until(() => crashes.length > 0);
    expect(crashes.map(({ message }) => message)).toEqual(['a bug']);
  });

  it('delivers again, without a crash, after an error that may pass', async () => {
    const topic = await ground.topicOf(3);
    const firsts: (bigint | undefined)[] = [];
    await ground.consume(topic, ground.name(), async (batch, context) => {
      firsts.push(batch.messages[0]?.offset);
      if (firsts.length === 1) throw new Error('the store is away');
      await context.commit(nextOf(batch));
    });
    await until(() => firsts.length >= 2);
    expect(firsts).toEqual([0n, 0n]);
  });

  it('shares the partitions with a second instance, and a batch from before can neither commit nor heartbeat', async () => {
    const topic = await ground.topicOf(1, 4);
    const group = ground.name();
    const publisher = await ground.publisher();
    const assigned: number[][] = [[], []];
    const handled: Set<number>[] = [new Set(), new Set()];
    let before: BatchContext | undefined;
    const instance = (index: number) =>
      ground.consume(
        topic,
        group,
        async (batch, context) => {
          before ??= context;
          handled[index]?.add(batch.partition);
          await context.commit(nextOf(batch));
        },
        { onAssigned: (assignment) => (assigned[index] = [...(assignment[topic] ?? [])]) },
      );
    await instance(0);
    await until(() => handled[0]?.size === 4);
    await instance(1);
    await until(() => assigned.every((partitions) => partitions.length === 2));
    expect(assigned.flat().sort()).toEqual([0, 1, 2, 3]);
    handled.forEach((partitions) => partitions.clear());
    for (const partition of [0, 1, 2, 3]) await publisher.publish(topic, [out('again', partition)]);
    await until(() => handled.every((partitions) => partitions.size === 2));
    expect(before?.isLive()).toBe(false);
    await expect(before?.commit(1n)).rejects.toThrow('earlier membership');
    await expect(before?.heartbeat()).rejects.toThrow('earlier membership');
    expect(() => before?.seek(0n)).toThrow('earlier membership');
  });

  it('lets the running handler finish and commit when it is closed', async () => {
    const topic = await ground.topicOf(5);
    const group = ground.name();
    let running = false;
    const app = await ground.consume(topic, group, async (batch, context) => {
      running = true;
      await until(() => !context.isLive());
      await context.commit(nextOf(batch));
    });
    await until(() => running);
    await app.close();
    expect(await ground.lagOf(group, topic)).toBe(0n);
  });
});

describe('the lag of a group', () => {
  it('counts from the start of the log what was never committed', async () => {
    const topic = await ground.topicOf(7, 2);
    expect(await ground.lagOf(ground.name(), topic)).toBe(14n);
  });
});
