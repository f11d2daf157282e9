/* The example in Python over database files of its own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExpectedRecord } from '#contracts';
import { projectFolder } from '../../tools/project.js';
import { PYTHON, pythonEnvironment } from './python.js';
import { RunningExample, type Line } from './running.js';

const FOLDER = join(projectFolder, 'examples/python');

export class RosterCopies {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-python-'));
  readonly #running: RunningExample[] = [];
  #env: NodeJS.ProcessEnv = {};

  async open(): Promise<void> {
    this.#env = await pythonEnvironment(join(FOLDER, 'requirements.txt'));
  }

  /** The example over the database file of this name. */
  start(name: string, ...args: readonly string[]): RunningExample {
    const program = ['roster_copy.py', this.#fileOf(name), ...args];
    const example = new RunningExample(PYTHON, program, { cwd: FOLDER, env: this.#env });
    this.#running.push(example);
    return example;
  }

  copyIn(name: string): readonly ExpectedRecord[] {
    const program = ['roster_copy.py', this.#fileOf(name), '--dump'];
    const text = execFileSync(PYTHON, program, { cwd: FOLDER, env: this.#env, encoding: 'utf8' });
    return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as ExpectedRecord]));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((example) => example.stop()));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  #fileOf(name: string): string {
    return join(this.#folder, `${name}.db`);
  }
}

export const isCaughtUp = (lines: readonly Line[]): boolean => lines.some((line) => 'caughtUp' in line);

export const isComplete = (of: Readonly<Record<string, number>>) => (lines: readonly Line[]) => {
  const last = lines.findLast((line) => 'complete' in line)?.['complete'] as
    Record<string, number> | undefined;
  return Object.entries(of).every(([districtId, generation]) => last?.[districtId] === generation);
};
