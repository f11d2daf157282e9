import { afterEach, describe, expect, it } from '@jest/globals';
import { brokers, until } from '../../kafka/test/kafka.ground.js';
import { ConformanceTopics } from '../test/conformance-topics.js';
import { MemoryState } from './handlers/memory.state.js';
import { RosterConsumer } from './roster-consumer.js';

let topics = new ConformanceTopics();
afterEach(async () => {
  await topics.close();
  topics = new ConformanceTopics();
});

describe('the consumer kit', () => {
  it('passes the conformance test of the contract', async () => {
    const { expected, types } = topics.test;
    await topics.create();
    await topics.publish('backlog');
    const state = new MemoryState();
    const complete: Record<string, number> = {};
    const drifts = new Set<string>();
    const letters = new Set<string>();
    const consumer = new RosterConsumer({
      kafka: { brokers: brokers(), clientId: 'conformance', log: () => undefined },
      groupId: topics.namespace,
      namespace: topics.namespace,
      handlers: Object.fromEntries(types.map((type) => [type, {}])),
      state,
      onComplete: ({ districtId, generation }) => void (complete[districtId] = generation),
      onDrift: ({ entityType, partition, districtId, generation }) =>
        void drifts.add(`${entityType}/${partition} ${districtId} ${generation}`),
      onDeadLetter: ({ origin }) => void letters.add(JSON.stringify(origin)),
    });
    const run = consumer.run();
    const isComplete = (part: 'backlog' | 'live'): boolean =>
      Object.entries(expected.complete[part]).every(([id, generation]) => complete[id] === generation);
    await until(() => isComplete('backlog'));
    expect([...drifts]).toEqual([]);
    await topics.publish('live');
    await until(() => isComplete('live'));
    consumer.stop();
    await run;

    for (const { districtId, type, gg4lId, partition, ...held } of expected.records) {
      const [found] = await state.find(type, partition, [{ districtId, gg4lId }]);
      const { generation, active, fingerprint } = held;
      expect({ gg4lId, ...found }).toMatchObject({ gg4lId, generation, active, fingerprint });
    }
    for (const { type, ...key } of expected.gone)
      for (let partition = 0; partition < topics.test.partitions; partition += 1)
        expect([key, ...(await state.find(type, partition, [key]))]).toEqual([key, undefined]);
    const differ = expected.watermarks.filter(({ verdict }) => verdict === 'differs');
    expect([...drifts]).toEqual(
      differ.map((at) => {
        const { value } = topics.test.messages.find(
          (one) => one.type === at.type && one.partition === at.partition && one.offset === at.offset,
        ) ?? { value: {} };
        const { source, generation } = value as { source: string; generation: number };
        return `${at.type}/${at.partition} ${source.slice('/districts/'.length)} ${generation}`;
      }),
    );
    expect([...letters].sort()).toEqual(
      expected.deadLetters
        .map(({ type, partition, offset }) =>
          JSON.stringify({ kind: 'message', topic: topics.names[type], partition, offset: String(offset) }),
        )
        .sort(),
    );
  });
});
