/**
 * One invocation per data folder. The lock names its owner and the servers the owner started, each by pid and
 * start time (a pid alone may be somebody else's by now). A lock whose owner is gone is taken over, once what
 * that owner started is gone too: two servers never write one folder.
 */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InfrastructureError } from './infrastructure.errors.js';

interface Owned {
  readonly pid: number;
  readonly startedAt: string;
}

interface LockRecord extends Owned {
  readonly children: readonly Owned[];
}

export interface FolderLock {
  /** Remembers a child (a group leader) that must be gone before anybody else may use the folder. */
  owns(pid: number): void;
  release(): void;
}

const CHILD_GRACE_MS = 15_000;

export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lock');
  const own = `${path}.${process.pid}`;
  const children: Owned[] = [];
  const record = (): string => JSON.stringify({ ...identify(process.pid), children });
  for (;;) {
    writeFileSync(own, record());
    if (linked(own, path)) break;
    const holder = readRecord(path);
    if (holder !== undefined && isAlive(holder)) {
      rmSync(own, { force: true });
      throw new InfrastructureError(
        `${folder} is in use by another rollcall command (pid ${holder.pid}): stop that one, or name another folder with --data`,
      );
    }
    await endChildren(holder?.children ?? []);
    removeStale(path, holder);
  }
  rmSync(own, { force: true });
  return {
    owns: (pid) => {
      children.push(identify(pid));
      writeFileSync(own, record());
      renameSync(own, path);
    },
    release: () => {
      if (readRecord(path)?.pid === process.pid) rmSync(path, { force: true });
    },
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(from, { force: true });
  }
}

// Moved aside before it is removed: if another invocation replaced it meanwhile, its lock is put back.
function removeStale(path: string, stale: LockRecord | undefined): void {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readRecord(aside);
  if (moved !== undefined && moved.pid !== stale?.pid) linked(aside, path);
  rmSync(aside, { force: true });
}

async function endChildren(children: readonly Owned[]): Promise<void> {
  const until = Date.now() + CHILD_GRACE_MS;
  while (children.some(isAlive) && Date.now() < until) await delay(50);
  for (const child of children.filter(isAlive)) process.kill(-child.pid, 'SIGKILL');
}

function readRecord(path: string): LockRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockRecord;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const identify = (pid: number): Owned => ({ pid, startedAt: startedAt(pid) });

const isAlive = (owned: Owned): boolean => {
  const now = startedAt(owned.pid);
  return now !== '' && now === owned.startedAt;
};

/** Empty for a pid that is gone or only waits to be reaped. */
function startedAt(pid: number): string {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}
