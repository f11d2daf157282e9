import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * What was downloaded or unpacked once and serves every data folder. Root keeps it where an unprivileged server
 * can read it.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.ROLLCALL_CACHE !== undefined && env.ROLLCALL_CACHE !== '') return env.ROLLCALL_CACHE;
  if (env.XDG_CACHE_HOME !== undefined && env.XDG_CACHE_HOME !== '')
    return join(env.XDG_CACHE_HOME, 'rollcall');
  return process.getuid?.() === 0 ? '/var/cache/rollcall' : join(homedir(), '.cache', 'rollcall');
}

/** The folder, filled once: whole or not there, also when two invocations fill it at the same moment. */
export async function cachedFolder(folder: string, fill: (into: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${randomUUID().slice(0, 8)}`;
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 });
  try {
    mkdirSync(draft, { mode: 0o755 });
    await fill(draft);
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}
