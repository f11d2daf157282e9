import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { projectFolder } from '../../../tools/project.js';
import { CASES } from './cases.js';

/** Passed at several places, each of which has a name of its own besides. */
const GENERAL = ['before-marker', 'after-marker', 'before-decision', 'after-decision'].map(
  (instant) => `coordinator.${instant}`,
);

describe('the fault matrix', () => {
  const struck = new Set(CASES.map(({ at }) => `${at.service}.${at.instant}`));

  it('has a case for every instant at which a service can be struck', () => {
    const named = failpoints().filter((name) => !GENERAL.includes(name));
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !struck.has(name))).toEqual([]);
  });

  it('has at least forty cases, each with a name of its own, and a quarter or so for npm test', () => {
    const names = new Set(CASES.map(({ name }) => name));
    expect(names.size).toBe(CASES.length);
    expect(names.size).toBeGreaterThanOrEqual(40);
    const chosen = CASES.filter(({ inTests }) => inTests);
    expect(chosen.length).toBeGreaterThanOrEqual(10);
    expect(chosen.filter(({ ownServers }) => ownServers)).toEqual([]);
  });

  it('ends its namespace only with its last case', () => {
    expect(CASES.findIndex(({ expects }) => expects?.stops !== undefined)).toBe(CASES.length - 1);
  });
});

/** Those of the services, and those of the consumer kit under the persister's name. */
function failpoints(): readonly string[] {
  const own = namesIn('apps', /failpoint\('([a-z]+\.[a-z-]+)'\)/g);
  const ofKit = namesIn('libs/roster-consumer/src', /failpoint\('([a-z-]+)'\)/g);
  expect(ofKit.length).toBeGreaterThan(5);
  return [...new Set([...own, ...ofKit.map((name) => `persister.${name}`)])];
}

function namesIn(path: string, pattern: RegExp): readonly string[] {
  const folder = join(projectFolder, path);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const sources = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
  return sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name));
}
