import { describe, expect, it } from '@jest/globals';
import type { LoggerService } from '@nestjs/common';
import { NestLog } from './nest-log.js';
import { ServiceLog } from './service-log.js';
import type { LogLevel } from './service.config.js';

function logOf(level?: LogLevel) {
  const lines: string[] = [];
  const log = new ServiceLog('spec', level, (line) => lines.push(line));
  return { log, lines, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('log lines', () => {
  it('are one JSON object per line with time, level, service, event and fields', () => {
    const { log, lines, last } = logOf();
    log.info('batch', { topic: 'raw', next: 12n, text: 'a\nb' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    const { time, ...rest } = last();
    expect(rest).toEqual({
      level: 'info',
      service: 'spec',
      event: 'batch',
      topic: 'raw',
      next: '12',
      text: 'a\nb',
    });
    expect(new Date(String(time)).toISOString()).toBe(time);
  });

  it('begin at the level asked for', () => {
    const { log, lines } = logOf('warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(2);
  });

  it('tell name, message, code, frames and cause of an error', () => {
    const { log, last } = logOf();
    const cause = Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
    log.error('failed', { error: new RangeError('two of them\nin a row', { cause }) });
    const error = last()['error'] as { at: string[]; cause: { at: string[] } };
    expect(error).toMatchObject({ error: 'RangeError', message: 'two of them\nin a row' });
    expect(error.cause).toMatchObject({
      error: 'Error',
      code: 'ECONNREFUSED',
      message: 'connection refused',
    });
    expect(error.at[0]).toMatch(/service-log\.spec/);
  });

  it('keep back the words of errors that quote what was read', () => {
    const { log, lines } = logOf();
    const unparsable = (() => {
      try {
        return JSON.parse('Geheim, Anna') as Error;
      } catch (error) {
        return error;
      }
    })();
    const refused = Object.assign(new Error('invalid input syntax for type integer: "Geheim"'), {
      code: '22P02',
    });
    log.error('failed', { error: unparsable, also: refused });
    expect(lines.join()).not.toContain('Geheim');
    expect(lines.join()).toContain('22P02');
  });

  it("carry Nest's own warnings and errors, and nothing below", () => {
    const { log, lines, last } = logOf('debug');
    const nest: LoggerService = new NestLog(log);
    nest.log('InstanceLoader dependencies initialized');
    expect(lines).toEqual([]);
    nest.warn('duplicate route', 'RouterExplorer');
    expect(last()).toMatchObject({
      level: 'warn',
      event: 'nest',
      context: 'RouterExplorer',
      message: 'duplicate route',
    });
    nest.error(new Error('no'), 'stack\nof it', 'ExceptionsHandler');
    expect(last()).toMatchObject({
      level: 'error',
      context: 'ExceptionsHandler',
      error: 'Error',
      message: 'no',
    });
  });
});
