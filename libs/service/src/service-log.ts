// One JSON object per line: {time, level, service, event, …fields}. Fields are counts and coordinates
// (districtId, entityType, generation, partition, offsets), never a record's content, a credential or a body.
import { Injectable } from '@nestjs/common';
import { errorFields } from './error-fields.js';
import { LOG_LEVELS, type LogLevel } from './service.config.js';

export type LogFields = Readonly<Record<string, unknown>>;

@Injectable()
export class ServiceLog {
  private readonly threshold: number;

  constructor(
    readonly service: string,
    level: LogLevel = 'info',
    private readonly write: (line: string) => void = (line) => {
      process.stdout.write(line);
    },
  ) {
    this.threshold = LOG_LEVELS.indexOf(level);
  }

  debug(event: string, fields?: LogFields): void {
    this.line('debug', event, fields);
  }

  info(event: string, fields?: LogFields): void {
    this.line('info', event, fields);
  }

  warn(event: string, fields?: LogFields): void {
    this.line('warn', event, fields);
  }

  /** An Error among the fields is written as its name, code and frames. */
  error(event: string, fields?: LogFields): void {
    this.line('error', event, fields);
  }

  private line(level: LogLevel, event: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < this.threshold) return;
    const line = { time: new Date().toISOString(), level, service: this.service, event, ...fields };
    this.write(`${JSON.stringify(line, toJson)}\n`);
  }
}

function toJson(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return errorFields(value);
  return value;
}
