import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './folder-lock.js';

describe('the lock of a data folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one in at a time', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(
      `in use by another rollcall command (pid ${process.pid})`,
    );
    lock.release();
    (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is taken over from an owner that is gone, even if its pid is in use again', async () => {
    writeFileSync(
      join(folder, 'lock'),
      JSON.stringify({ pid: process.pid, startedAt: 'long ago', children: [] }),
    );
    (await lockFolder(folder)).release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('is taken over when a crash left it empty', async () => {
    writeFileSync(join(folder, 'lock'), '');
    (await lockFolder(folder)).release();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });
});
