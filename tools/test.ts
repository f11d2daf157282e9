/**
 * Everything that must hold, one after the other, whatever failed before: build, lint, types, rules, then every
 * spec. The last line is `N passed, N failed`: Jest's cases, a suite that could not run as one failed case, and
 * one each for build, lint, types and rules.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countCases, type Count } from './test-count.js';
import { projectFolder } from './project.js';

type NodeProgram = readonly [file: string, ...args: string[]];

const bin = (path: string): string => join(projectFolder, 'node_modules', path);

const CHECKS: Readonly<Record<'lint' | 'types' | 'rules', readonly NodeProgram[]>> = {
  lint: [
    [bin('eslint/bin/eslint.js'), '.'],
    [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  ],
  types: [[bin('typescript/bin/tsc'), '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false']],
  rules: [
    [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.cjs',
      'apps',
      'libs',
      'tools',
      'test',
    ],
  ],
};

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

let running: ChildProcess | undefined;
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopped = true;
    running?.kill(signal);
  });
}

async function main(): Promise<number> {
  const counts: Count[] = [buildOutcome()];
  for (const [name, programs] of Object.entries(CHECKS)) {
    if (stopped) return 130;
    counts.push(await check(name, programs));
  }
  if (stopped) return 130;
  counts.push(await specs(process.argv.slice(2)));
  if (stopped) return 130;
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  say(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

// The build was made on the way here, by bootstrap.mjs.
function buildOutcome(): Count {
  const { built, ms } = JSON.parse(process.env.ROLLCALL_BUILD ?? '{}') as { built?: boolean; ms?: number };
  return outcome('build', built === true, ms ?? 0);
}

async function check(name: string, programs: readonly NodeProgram[]): Promise<Count> {
  say(`\n=== ${name}`);
  const startedAt = performance.now();
  let ok = true;
  for (const program of programs) ok = (await runNode(program)) === 0 && ok;
  return outcome(name, ok, performance.now() - startedAt);
}

function outcome(name: string, ok: boolean, ms: number): Count {
  say(`${name} ${ok ? 'passed' : 'FAILED'} in ${(ms / 1000).toFixed(1)} s`);
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function specs(args: readonly string[]): Promise<Count> {
  say('\n=== specs');
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-jest-'));
  const report = join(folder, 'report.json');
  try {
    const code = await runNode([
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      bin('jest/bin/jest.js'),
      '--ci',
      '--json',
      `--outputFile=${report}`,
      ...args,
    ]);
    return countCases(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runNode(program: NodeProgram): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...program], {
      cwd: projectFolder,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    running = child;
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main();
