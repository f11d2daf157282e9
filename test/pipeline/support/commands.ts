/** The project's own commands, as an operator runs them, on the namespace of a suite. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '../../../tools/project.js';
import type { Settings } from './fleet.js';
import { setting, type Ground } from './ground.js';
import { PARTITIONS } from './topics.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Command = 'erase' | 'purge' | 'replay' | 'verify';

export function run(ground: Ground, command: Command, ...args: readonly string[]): Promise<Ran> {
  return runWith({}, ground, command, ...args);
}

/** With another login of Postgres than the services'. */
export function runAs(
  databaseUrl: string,
  ground: Ground,
  command: Command,
  ...args: readonly string[]
): Promise<Ran> {
  return runWith({ DATABASE_URL: databaseUrl }, ground, command, ...args);
}

/** With other settings than the services'. */
export function runWith(
  settings: Settings,
  { namespace }: Ground,
  command: Command,
  ...args: readonly string[]
): Promise<Ran> {
  const env = {
    ...process.env,
    NODE_OPTIONS: '',
    ROLLCALL_NAMESPACE: namespace,
    ROLLCALL_PARTITIONS: String(PARTITIONS),
    KAFKA_BROKERS: setting('KAFKA_BROKERS'),
    REDIS_URL: setting('REDIS_URL'),
    DATABASE_URL: setting('DATABASE_URL'),
    ...settings,
  };
  const file = join(projectFolder, 'dist', 'tools', `${command}.js`);
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') resolve({ code, stdout, stderr });
      else reject(new Error(`${command} ended without an exit code`, { cause: error }));
    });
  });
}
