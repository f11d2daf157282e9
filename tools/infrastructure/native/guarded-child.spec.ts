import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startGuarded, type GuardedChild } from './guarded-child.js';

describe('a guarded child', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-child-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const start = async (script: string): Promise<{ child: GuardedChild; pid: number }> => {
    const logFile = join(folder, 'log');
    const child = startGuarded({
      name: 'it',
      command: [process.execPath, '-e', `${script}; console.log(process.pid); setInterval(() => {}, 1000)`],
      stopSignal: 'TERM',
      logFile,
      cwd: folder,
      graceMs: 300,
    });
    while (!readFileSync(logFile, 'utf8').endsWith('\n')) await delay(10);
    return { child, pid: Number(readFileSync(logFile, 'utf8')) };
  };

  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  };

  it('is stopped gently', async () => {
    const { child, pid } = await start("process.on('SIGTERM', () => process.exit(7))");
    await child.close();
    expect(await child.ended).toMatch(/^it ended with exit code 7; its last lines:/);
    expect(isThere(pid)).toBe(false);
  });

  it('is killed when it does not stop gently', async () => {
    const { child, pid } = await start("process.on('SIGTERM', () => undefined)");
    await child.close();
    expect(isThere(pid)).toBe(false);
  });

  it('is stopped gently however soon it is stopped after it said that it is ready', async () => {
    const logFile = join(folder, 'log');
    const child = startGuarded({
      name: 'it',
      command: [
        '/bin/sh',
        '-c',
        `sleep 0.2; trap 'echo stopped; exit' TERM; echo >&4; while :; do sleep 0.1; done`,
      ],
      stopSignal: 'TERM',
      logFile,
      cwd: folder,
      tellsReady: true,
    });
    await child.ready;
    await child.close();
    expect(readFileSync(logFile, 'utf8')).toBe('stopped\n');
  });

  it('is waited for no longer when it ends before it said that it is ready', async () => {
    const child = startGuarded({
      name: 'it',
      command: ['/bin/sh', '-c', 'exit 3'],
      stopSignal: 'TERM',
      logFile: join(folder, 'log'),
      cwd: folder,
      tellsReady: true,
    });
    await child.ready;
    expect(await child.ended).toBe('it ended with exit code 3');
  });

  it('goes with the shell that guards it', async () => {
    const { child, pid } = await start('');
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
    while (isThere(pid)) await delay(10);
    expect(child.hasEnded()).toBe(true);
  });
});
