import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { archived, created, updated } from '../../libs/roster-consumer/test/sample-log.js';
import { SampleTopics } from '../../libs/roster-consumer/test/sample-topics.js';
import { projectFolder } from '../../tools/project.js';
import { RunningExample } from './running.js';

const EXAMPLE = join(projectFolder, 'examples/subscriber/subscriber.mjs');
const folder = mkdtempSync(join(tmpdir(), 'rollcall-subscriber-'));
const topics = new SampleTopics();
let example: RunningExample | undefined;

const run = (file: string, ...args: string[]): string =>
  execFileSync(file, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const inProject = (path: string): string => join(projectFolder, path);

describe('the consumer kit, packed and installed in an empty folder', () => {
  beforeAll(async () => {
    const tarball = run(process.execPath, inProject('dist/tools/pack-consumer.js'), folder).trim();
    run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball);
    cpSync(EXAMPLE, join(folder, 'subscriber.mjs'));
    await topics.create();
  }, 240_000);

  afterAll(async () => {
    await example?.stop();
    await topics.close();
    rmSync(folder, { recursive: true });
  });

  it('has no Nest with it, and the versions of this repository', () => {
    const own = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as Manifest;
    const kit = JSON.parse(
      readFileSync(join(folder, 'node_modules/rollcall-roster-consumer/package.json'), 'utf8'),
    ) as Manifest;
    expect(run('npm', 'ls', '--all', '--parseable')).not.toMatch(/nestjs|rxjs/);
    for (const [name, version] of Object.entries(kit.dependencies))
      expect([name, version]).toEqual([name, own.dependencies[name]]);
  });

  it('has types that the example passes', () => {
    const options = ['--checkJs', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
    const types = ['--types', 'node', '--typeRoots', inProject('node_modules/@types')];
    const tsc = inProject('node_modules/typescript/bin/tsc');
    expect(run(process.execPath, tsc, '--noEmit', ...options, ...types, 'subscriber.mjs')).toBe('');
  });

  it('runs the twenty lines of the example, which is handed every change of users', async () => {
    expect(readFileSync(EXAMPLE, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(22);
    await topics.completedRun(5, { users: [created('a', 5), created('b', 5)] });
    const env = { ...process.env, ROLLCALL_NAMESPACE: topics.namespace };
    example = new RunningExample(process.execPath, ['subscriber.mjs'], { cwd: folder, env });
    await example.until('complete up to 5', (lines) => lines.some(({ completed }) => isOf(completed, 5)));
    await topics.completedRun(6, { users: [updated('a', 6), archived('b', 6, { cause: 'withdrawn' })] });
    await example.until('complete up to 6', (lines) => lines.some(({ completed }) => isOf(completed, 6)));
    const changes = example.lines.filter((line) => !('completed' in line));
    expect(changes).toHaveLength(4);
    for (const change of [
      { created: 'a' },
      { created: 'b' },
      { updated: 'a', username: 'a of 6' },
      { archived: 'b', cause: 'withdrawn' },
    ])
      expect(changes).toContainEqual(change);
    expect(await example.stop()).toBe(0);
  });
});

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

function isOf(completed: unknown, generation: number): boolean {
  return JSON.stringify(completed) === JSON.stringify({ districtId: 'district-1', generation });
}
