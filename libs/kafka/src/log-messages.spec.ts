import { describe, expect, it } from '@jest/globals';
import { toLogBatch } from './log-messages.js';

const messages = [3, 5].map((offset) => ({
  ...{ offset: String(offset), key: null, value: Buffer.from('x'), timestamp: '1790000000000' },
}));
const fetched = (highWatermark: string) => ({ topic: 't', partition: 1, messages, highWatermark });

describe('a batch as it was fetched', () => {
  it('ends where the broker says that the log ends', () => {
    expect(toLogBatch(fetched('9'))).toMatchObject({ topic: 't', partition: 1, highWatermark: 9n });
  });

  it('ends behind its last message where that was appended after the broker looked for the end', () => {
    for (const stale of ['5', '0', '-1']) expect(toLogBatch(fetched(stale)).highWatermark).toBe(6n);
  });
});
