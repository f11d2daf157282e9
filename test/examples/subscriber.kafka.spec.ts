import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
    // Types are not pinned: whoever has those of another Node has them once.
    const { '@types/node': types, ...pinned } = kit.dependencies;
    expect(types).toMatch(/^>=/);
    for (const [name, version] of Object.entries(pinned))
      expect([name, version]).toEqual([name, own.dependencies[name]]);
  });

  it('has types that the example passes, with nothing added to it and no library left unchecked', () => {
    const options = [
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--exactOptionalPropertyTypes',
    ];
    const tsc = inProject('node_modules/typescript/bin/tsc');
    writeFileSync(join(folder, 'names.mts'), NAMES);
    // `process` of the example is Node's; a project that uses it says so.
    expect(typeErrors(tsc, ...options, '--checkJs', '--types', 'node', 'subscriber.mjs')).toBe('');
    expect(typeErrors(tsc, ...options, 'names.mts')).toBe('');
  });

  it('lets its contract and its manifest be found by name', () => {
    const { resolve } = createRequire(join(folder, 'subscriber.mjs'));
    for (const path of ['package.json', 'contract/contract.md', 'contract/conformance/messages.json'])
      expect(existsSync(resolve(`rollcall-roster-consumer/${path}`))).toBe(true);
  });

  it('has documents whose links lead to what is in it', () => {
    const packed = join(folder, 'node_modules/rollcall-roster-consumer');
    for (const document of ['README.md', 'contract/contract.md']) {
      const path = join(packed, document);
      const links = [...readFileSync(path, 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(
        ([, to = '']) => to,
      );
      const lost = links.filter((link) => !/^https?:/.test(link) && !existsSync(join(dirname(path), link)));
      expect([document, lost]).toEqual([document, []]);
    }
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

/** Everything that an option or a callback of the kit is made of can be named. */
const NAMES = `import type {
  ArchivedEvent, DeadLetter, ForgottenRecord, KafkaSettings, RecordEvent, RosterConsumerOptions,
} from 'rollcall-roster-consumer';
export type Letter = (letter: DeadLetter) => void;
export type Forgotten = (record: ForgottenRecord) => void;
export type Event = RecordEvent | ArchivedEvent;
export const kafka = (settings: KafkaSettings): RosterConsumerOptions['kafka'] => settings;
`;

function typeErrors(tsc: string, ...args: readonly string[]): string {
  try {
    return run(process.execPath, tsc, '--noEmit', ...args);
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? String(error);
  }
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

function isOf(completed: unknown, generation: number): boolean {
  return JSON.stringify(completed) === JSON.stringify({ districtId: 'district-1', generation });
}
