import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES, watermarkTerm, XorSum, type EntityType } from '#contracts';
import { ConformanceTopics } from '../../libs/roster-consumer/test/conformance-topics.js';
import { digestOf } from '../../libs/roster-consumer/test/sample-changes.js';
import { archived, created, updated } from '../../libs/roster-consumer/test/sample-log.js';
import { PARTITIONS, SampleTopics } from '../../libs/roster-consumer/test/sample-topics.js';
import { isCaughtUp, isComplete, RosterCopies } from './roster-copies.js';

const copies = new RosterCopies();
const start = copies.start.bind(copies);
const copyIn = copies.copyIn.bind(copies);
beforeAll(() => copies.open(), 240_000);
afterEach(() => copies.stop());
afterAll(() => {
  copies.close();
});

const placeOf = ([topic, partition, offset]: readonly unknown[]) =>
  `${String(topic)}/${String(partition)}/${String(offset)}`;

describe('a consumer in Python, written from contract.md', () => {
  it('passes the conformance test', async () => {
    const topics = new ConformanceTopics();
    try {
      await topics.create();
      await topics.publish('backlog');
      const { expected, types, messages } = topics.test;
      const example = start('conformance', '--types', types.join(','), '--namespace', topics.namespace);
      await example.until('the backlog is read', isCaughtUp);
      await example.until('complete after the backlog', isComplete(expected.complete.backlog));
      await topics.publish('live');
      await example.until('complete in the end', isComplete(expected.complete.live));
      expect(await example.stop()).toBe(0);

      const copied = copyIn('conformance');
      const byKey = (a: { gg4lId: string; type: string }, b: { gg4lId: string; type: string }) =>
        `${a.type}/${a.gg4lId}` < `${b.type}/${b.gg4lId}` ? -1 : 1;
      expect([...copied].sort(byKey)).toEqual([...expected.records].sort(byKey));

      const unreadable = example.lines.flatMap((line) =>
        'unreadable' in line ? [line['unreadable'] as unknown[]] : [],
      );
      const at = ({ type, partition, offset }: { type: EntityType; partition: number; offset: number }) =>
        placeOf([topics.names[type], partition, offset]);
      expect(new Set(unreadable.map(placeOf))).toEqual(new Set(expected.deadLetters.map(at)));

      const verdicts = example.lines.flatMap((line) =>
        'watermark' in line && line['again'] === false ? [line] : [],
      );
      const said = new Map(
        verdicts.map((line) => [placeOf(line['watermark'] as unknown[]), line['verdict']]),
      );
      const isLive = new Set(messages.flatMap((message) => (message.part === 'live' ? [at(message)] : [])));
      for (const watermark of expected.watermarks) {
        const place = at(watermark);
        const verdict = said.get(place) ?? 'not compared';
        // Behind one that differs all is read again, and only the last is compared there.
        if (
          isLive.has(place) &&
          verdict === 'not compared' &&
          watermark.type === 'users' &&
          watermark.partition === 0
        )
          continue;
        expect([place, verdict]).toEqual([place, watermark.verdict]);
      }
      expect([...said.values()].filter((verdict) => verdict === 'differs')).toHaveLength(1);
    } finally {
      await topics.close();
    }
  });

  it('ends with the digests of the truth, of every type, over a restart', async () => {
    const topics = new SampleTopics();
    try {
      await topics.create();
      const ids = Array.from({ length: 30 }, (_, at) => String(at));
      const first = Object.fromEntries(ENTITY_TYPES.map((type) => [type, ids.map((id) => created(id, 5))]));
      await topics.completedRun(5, first);
      const before = start('truth', '--namespace', topics.namespace);
      await before.until('complete up to 5', isComplete({ 'district-1': 5 }));
      expect(await before.stop()).toBe(0);

      const second = ENTITY_TYPES.map((type) => [
        type,
        [updated('1', 6), archived('2', 6), created('new', 6)],
      ]);
      await topics.completedRun(6, Object.fromEntries(second) as typeof first);
      const after = start('truth', '--namespace', topics.namespace);
      await after.until('complete up to 6', isComplete({ 'district-1': 6 }));
      await after.until('the backlog is read', isCaughtUp);
      await after.stop();

      const copied = copyIn('truth');
      for (const type of ENTITY_TYPES) {
        for (let partition = 0; partition < PARTITIONS; partition += 1) {
          const sum = new XorSum();
          for (const one of copied)
            if (one.type === type && one.partition === partition && one.active)
              sum.add(watermarkTerm(one.gg4lId, Buffer.from(one.fingerprint, 'hex')));
          const { active, xor } = digestOf(topics.holds(type, partition));
          expect({ type, partition, active: sum.count, xor: sum.hex }).toEqual({
            type,
            partition,
            active,
            xor,
          });
        }
      }
      const verdicts = [...before.lines, ...after.lines].flatMap((line) => line['verdict'] ?? []);
      expect(verdicts.length).toBeGreaterThanOrEqual(2 * PARTITIONS * ENTITY_TYPES.length);
      expect(new Set(verdicts)).toEqual(new Set(['equal']));
    } finally {
      await topics.close();
    }
  });
});
