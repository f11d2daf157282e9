import { execFile, type ChildProcess } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Ran {
  readonly ok: boolean;
  /** stdout and stderr, in that order. */
  readonly output: string;
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill()));

/** Runs a program to its end, or to ours; a program that is not there is like one that failed. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      {
        maxBuffer: 16 * 1024 * 1024,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.uid === undefined ? {} : { uid: options.uid }),
        ...(options.gid === undefined ? {} : { gid: options.gid }),
        ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
        ...(options.env === undefined ? {} : { env: options.env }),
      },
      (error, stdout, stderr) => {
        running.delete(child);
        const output = `${stdout}${stderr}`.trim();
        resolve({ ok: error === null, output: output === '' ? (error?.message ?? '') : output });
      },
    );
    running.add(child);
  });
}
