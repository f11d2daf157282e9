import { readKey } from './keys.js';

/** A row as it came, as JSON, without what is never kept: passwords and other secrets, and `href`. */
export function rowText(row: unknown): string {
  return JSON.stringify(row, (key, value: unknown) => (readKey(key).dropped ? undefined : value)) ?? 'null';
}
