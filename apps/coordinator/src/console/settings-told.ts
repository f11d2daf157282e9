import { isDeepStrictEqual } from 'node:util';
import type { ReplacedSettings } from '#ledger';

/** Names whose values, numbers and an instant, are told; of others their name is enough. */
const TOLD = ['limits', 'typeLimits', 'rollover'];

/**
 * What a log line says of settings that took the place of others: the names that differ from before, those that are
 * not left to their defaults, and the guard's limits.
 */
export function settingsTold({ before, after }: ReplacedSettings): Readonly<Record<string, unknown>> {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return {
    changed: names.filter((name) => !isDeepStrictEqual(before[name], after[name])),
    set: names.filter((name) => name in after),
    ...Object.fromEntries(Object.entries(after).filter(([name]) => TOLD.includes(name))),
  };
}
