import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exportedIn, ownRulesIn } from './own-rules.js';

const PURE_ROOMS = [
  'apps/reconciler/src/reconciliation',
  'apps/coordinator/src/settlement',
  'libs/roster-consumer/src/following',
  'apps/fetcher/src/run',
  'apps/fetcher/src/snapshot',
];

function textsIn(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'));
  return new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

const services = exportedIn(PURE_ROOMS.flatMap((room) => [...textsIn(room).values()]));

describe('the simulation', () => {
  it('has no rule of its own: no classify, decide, guard or state machine', () => {
    const found = [...textsIn('test/simulation')].flatMap(([name, text]) =>
      ownRulesIn(text, services).map((rule) => `${name}: ${rule}`),
    );
    expect(found).toEqual([]);
  });

  it('runs the step loops of all four services', () => {
    const text = ['services.ts', 'fetchers.ts']
      .map((name) => readFileSync(join('test/simulation/world', name), 'utf8'))
      .join('\n');
    for (const loop of ['PartitionLoop', 'StepLoop', 'ChangeLoop', 'RunFetch']) {
      expect(services).toContain(loop);
      expect(text).toMatch(
        new RegExp(
          `import \\{[^}]*\\b${loop}\\b[^}]*\\} from '(#roster-consumer'|\\.\\./\\.\\./\\.\\./apps/[a-z]+/src/)`,
        ),
      );
      expect(text).toContain(`new ${loop}(`);
    }
  });
});

describe('a rule of its own', () => {
  it.each([
    ['a function named as one of the services', 'export function decideBegin(marker: BeginMarker) {'],
    ['a class named as one of the services', 'export class PartitionLoop {'],
    ['a constant that classifies', 'const classify = (id: string): Verb =>'],
    ['a method that decides', '  decideNext(run: Run): void {'],
    ['a switch on the phase of a snapshot', '  switch (snapshot.phase) {'],
    ['a switch on the state of a run', 'switch (run.state) {'],
  ])('is seen: %s', (_what, text) => {
    expect(ownRulesIn(text, services)).toHaveLength(1);
  });

  it('is not seen in a call of a rule of the services', () => {
    expect(ownRulesIn('  const writes = decideBegin(marker, district).writes;', services)).toEqual([]);
  });
});
