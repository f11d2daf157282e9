import { describe, expect, it } from '@jest/globals';
import type { LogEntry } from 'kafkajs';
import { withoutContents } from './kafka-log-fields.js';

function entry(message: string, extra: object): LogEntry {
  const log = { timestamp: '2026-01-01T00:00:00Z', message, ...extra };
  return { namespace: 'Runner', level: 1, label: 'ERROR', log };
}

describe('what is logged of a kafkajs entry', () => {
  it('tells of a handler’s error where it was, its name and its code, and nothing of its words', () => {
    const error = Object.assign(new Error('Key (name)=(Ada Lovelace) is there'), {
      code: '53100',
      name: 'error',
    });
    const fields = withoutContents(
      entry('Error when calling eachBatch', { topic: 't', partition: 2, offset: '7', stack: 'Ada', error }),
    );
    expect(fields).toEqual({
      from: 'Runner',
      message: 'Error when calling eachBatch',
      ...{ topic: 't', partition: 2, offset: '7', error: 'error', code: '53100' },
    });
  });

  it('leaves out a code that is none', () => {
    const error = Object.assign(new Error('no'), { code: 'Ada Lovelace' });
    expect(withoutContents(entry('Error when calling eachBatch', { error }))).not.toHaveProperty('code');
    expect(withoutContents(entry('Error when calling eachBatch', { error: 'Ada' }))).not.toHaveProperty(
      'error',
    );
  });

  it('keeps kafkajs’ own words, but not those of a crash', () => {
    expect(withoutContents(entry('gone', { error: 'broker gone' }))).toMatchObject({ error: 'broker gone' });
    expect(withoutContents(entry('Crash: TypeError: Ada', {}))).toMatchObject({
      message: 'Crash: TypeError',
    });
  });
});
