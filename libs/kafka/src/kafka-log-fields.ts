// What is logged of kafkajs' own log entries: coordinates and its own words.
import type { LogEntry } from 'kafkajs';

const LOGGED_KEYS = [
  'topic',
  'partition',
  'offset',
  'groupId',
  'memberId',
  'broker',
  'clientId',
  'retryCount',
  'retryTime',
];

/** Of an error raised in a handler its name and code only: its message may quote what it was reading. */
export function withoutContents(entry: LogEntry): Record<string, unknown> {
  const { message, ...extra } = entry.log;
  const fields: Record<string, unknown> = {
    from: entry.namespace,
    message: message.replace(/^(Crash: \w+): .*$/s, '$1'),
  };
  for (const key of LOGGED_KEYS) if (extra[key] !== undefined) fields[key] = extra[key];
  if (extra['error'] instanceof Error) Object.assign(fields, nameAndCode(extra['error']));
  else if (typeof extra['error'] === 'string' && !message.startsWith('Error when calling')) {
    fields['error'] = extra['error'].slice(0, 300);
  }
  return fields;
}

function nameAndCode(error: Error): Record<string, string> {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { error: error.name, ...(/^[A-Z0-9_]{1,40}$/.test(code) ? { code } : {}) };
}
