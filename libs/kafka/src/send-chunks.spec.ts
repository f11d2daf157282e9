import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outgoing } from './send-chunks.js';
import { messageBytes, takeSend } from './send-chunks.js';

const limits = { partitionBytes: 100, totalBytes: 250 };
const entry = (partition: number, bytes: number, topic = 't'): Outgoing => ({
  topic,
  message: { partition, key: null, value: null },
  bytes,
});

describe('what the next send takes', () => {
  it('stops a partition at its limit while others go on', () => {
    const queue = [entry(0, 60), entry(0, 60), entry(1, 60), entry(0, 10)];
    expect(takeSend(queue, limits)).toEqual({ taken: [queue[0], queue[2]], rest: [queue[1], queue[3]] });
  });

  it('counts the same partition number of two topics apart', () => {
    const queue = [entry(0, 60, 'a'), entry(0, 60, 'b')];
    expect(takeSend(queue, limits)).toEqual({ taken: queue, rest: [] });
  });

  it('takes one that is alone above the limit, alone', () => {
    const queue = [entry(0, 400), entry(0, 1)];
    expect(takeSend(queue, limits)).toEqual({ taken: [queue[0]], rest: [queue[1]] });
  });

  it('drains any queue without reordering a partition or exceeding a limit it could keep', () => {
    const entries = fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 130 })), { maxLength: 60 });
    fc.assert(
      fc.property(entries, (shapes) => {
        const sent: Outgoing[] = [];
        let queue = shapes.map(([partition, bytes]) => entry(partition, bytes));
        const all = queue;
        while (queue.length > 0) {
          const { taken, rest } = takeSend(queue, limits);
          for (const partition of [0, 1, 2, 3, 4]) {
            const group = taken.filter(({ message }) => message.partition === partition);
            const bytes = group.reduce((sum, one) => sum + one.bytes, 0);
            expect(group.length === 1 || bytes <= limits.partitionBytes).toBe(true);
          }
          expect(taken.length).toBeGreaterThan(0);
          sent.push(...taken);
          queue = rest;
        }
        for (const partition of [0, 1, 2, 3, 4]) {
          const of = (list: readonly Outgoing[]) =>
            list.filter(({ message }) => message.partition === partition);
          expect(of(sent)).toEqual(of(all));
        }
      }),
    );
  });

  it('weighs key, value and headers in bytes, not characters', () => {
    const plain = messageBytes({ partition: 0, key: null, value: null });
    const full = messageBytes({
      partition: 0,
      key: 'é',
      value: Buffer.alloc(10),
      headers: { a: 'ü' },
    });
    expect(full - plain).toBeGreaterThanOrEqual(2 + 10 + 1 + 2);
  });
});
