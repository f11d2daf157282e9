import { afterEach, describe, expect, it } from '@jest/globals';
import { ConsumerGround, nextOf } from '../test/consumer.ground.js';
import { until } from '../test/kafka.ground.js';

const ground = new ConsumerGround();
afterEach(() => ground.close());

describe('a watched consumer', () => {
  it('ends by onCrash where a handler neither returns nor gives a sign', async () => {
    const topic = await ground.topicOf(1);
    let release: () => void = () => undefined;
    const crashed = new Promise<Error>((resolve) => {
      const options = { stuckAfterMs: 1_200, onCrash: resolve };
      void ground.consume(topic, ground.name(), () => new Promise((done) => (release = done)), options);
    });
    expect((await crashed).name).toBe('ConsumerStuckError');
    release();
  });

  it('does not end while a handler takes long and sends heartbeats, nor while there is nothing to do', async () => {
    const topic = await ground.topicOf(1);
    const crashes: Error[] = [];
    let beats = 0;
    let isDone = false;
    await ground.consume(
      topic,
      ground.name(),
      async (batch, context) => {
        await until(async () => {
          await context.heartbeat();
          beats += 1;
          return beats >= 60;
        });
        await context.commit(nextOf(batch));
        isDone = true;
      },
      { stuckAfterMs: 600, onCrash: (error) => crashes.push(error) },
    );
    await until(() => isDone);
    const idleSince = Date.now();
    await until(() => Date.now() - idleSince > 1_500);
    expect(crashes).toEqual([]);
  });
});
