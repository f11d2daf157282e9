import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { FileState } from './file.state.js';
import type { KeptRecord } from './state.js';

const folder = mkdtempSync(join(tmpdir(), 'rollcall-journal-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
let files = 0;
const path = () => join(folder, `${(files += 1)}.jsonl`);

const record = (gg4lId: string, generation: number, districtId = 'd'): KeptRecord => ({
  ...{ districtId, gg4lId, generation, offset: BigInt(generation) },
  ...{ fingerprint: '00'.repeat(16), active: true },
});
const keep = (state: FileState, ...records: readonly KeptRecord[]) => state.keep('users', 0, records, []);
const digests = (state: FileState) =>
  Promise.all(['d', 'other'].map((districtId) => state.digest(districtId, 'users', 0)));

/** An append of any file writes half of its line, and fails: the next one, or one behind that. */
async function tearAppend(after = 0): Promise<void> {
  const any = await open(path(), 'w');
  const shared = Object.getPrototypeOf(any) as Pick<FileHandle, 'appendFile'>;
  const { appendFile } = shared;
  let left = after;
  shared.appendFile = async function (this: FileHandle, text) {
    if (left-- > 0) return appendFile.call(this, text);
    shared.appendFile = appendFile;
    await appendFile.call(this, String(text).slice(0, String(text).length / 2));
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  await any.close();
}

describe('a state in a file that many calls were written to', () => {
  it('is written anew while it is used, and no longer than a multiple of what is live', async () => {
    const file = path();
    const state = await FileState.open(file, { rewriteAboveBytes: 4_000 });
    let longest = 0;
    for (let generation = 1; generation <= 300; generation += 1) {
      await keep(state, record('a', generation), record(`b-${generation % 5}`, generation));
      longest = Math.max(longest, statSync(file).size);
    }
    expect(longest).toBeLessThan(6_000);
    const before = await digests(state);
    await state.close();
    const again = await FileState.open(file);
    expect(await digests(again)).toEqual(before);
    await again.close();
  });

  it('knows what came while it was written anew, and nothing that was forgotten meanwhile', async () => {
    const file = path();
    const state = await FileState.open(file, { rewriteAboveBytes: 1 });
    const all = Array.from({ length: 20_000 }, (_, at) => record(`u-${at}`, 5));
    await keep(state, ...all, ...all.map((one) => ({ ...one, districtId: 'other' })));
    await keep(state, record('u-1', 6), record('u-19999', 6));
    await state.keep('users', 0, [], [{ epoch: 2, offset: 9n }], [record('u-2', 0), record('u-19998', 0)]);
    await state.forget('other', 'users', 0);
    await keep(state, record('late', 1, 'other'));
    await state.pass([{ districtId: 'd', entityType: 'users', partition: 0, generation: 5 }]);
    for (let generation = 7; generation <= 20; generation += 1) await keep(state, record('u-3', generation));
    const before = await digests(state);
    expect(before).toMatchObject([{ active: 19_998 }, { active: 1 }]);
    await state.close();
    const again = await FileState.open(file);
    expect(await digests(again)).toEqual(before);
    expect((await again.standing('users', 0)).fences).toEqual([{ epoch: 2, offset: 9n }]);
    expect(await again.passed('d')).toHaveLength(1);
    await again.close();
  });

  it('has no line that grows with it, and reads ids of any bytes', async () => {
    const file = path();
    const state = await FileState.open(file);
    await keep(state, ...Array.from({ length: 2_500 }, (_, at) => record(`ü\u{1F600}\u2028${at}`, 5)));
    const before = await digests(state);
    await state.close();
    const again = await FileState.open(file);
    expect(await digests(again)).toEqual(before);
    await again.close();
    const perLine = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('gg4lId').length - 1);
    expect(Math.max(...perLine)).toBeLessThanOrEqual(1_000);
  });
});

describe('a state in a file whose write failed half-way', () => {
  it('goes on behind what it held before, and can be opened again', async () => {
    const file = path();
    const state = await FileState.open(file);
    await keep(state, record('a', 5));
    await tearAppend();
    await expect(keep(state, record('b', 5))).rejects.toThrow('no space left');
    expect(await digests(state)).toMatchObject([{ active: 1 }, {}]);
    await keep(state, record('c', 5));
    await state.close();
    const again = await FileState.open(file);
    const known = await again.find('users', 0, [record('a', 5), record('b', 5), record('c', 5)]);
    expect(known.map((one) => one?.gg4lId)).toEqual(['a', undefined, 'c']);
    await again.close();
  });

  it('goes on with its old file where it could not be written anew: no call fails for it, and nothing is left', async () => {
    const file = path();
    const above = 1_000;
    const state = await FileState.open(file, { rewriteAboveBytes: above });
    await keep(state, record('a', 5));
    const line = statSync(file).size;
    let generation = 5;
    while (statSync(file).size + line <= above) await keep(state, record('a', (generation += 1)));
    await tearAppend(1); // behind the call's own line: what is written anew
    await keep(state, record('a', (generation += 1)));
    expect([existsSync(`${file}.new`), statSync(file).size > above]).toEqual([false, true]);
    while (statSync(file).size > above) await keep(state, record('a', (generation += 1)));
    await state.close();
    const again = await FileState.open(file);
    expect(await again.find('users', 0, [record('a', 0)])).toMatchObject([{ generation }]);
    await again.close();
  });
});
