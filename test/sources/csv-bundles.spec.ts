/* A district's CSV bundle, as the sandbox writes it, read by the way the fetcher reads one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENTITY_TYPES } from '#contracts';
import { SourceGround } from './source-ground.js';
import { withoutVersion12 } from './without-version-1-2.js';

const ground = new SourceGround();
beforeAll(() => ground.start());
afterAll(() => ground.end());

const entryOf = (csv: string, version = '1.1') => ({ districtId: 'by-csv', csv, version });

async function bundle(path: string): Promise<Buffer> {
  const { districtId } = await ground.entry();
  return Buffer.from(
    await (await ground.control('GET', `districts/${districtId}/bundle${path}`)).arrayBuffer(),
  );
}

describe('a OneRoster CSV bundle', () => {
  it.each(['1.1', '1.2'])('in a zip file is read to the last record (%s)', async (version) => {
    writeFileSync(join(ground.folder, 'north.zip'), await bundle(`?version=${version}`));
    const read = await ground.read(entryOf('north.zip', version));
    expect(withoutVersion12(read)).toEqual(await ground.truth());
  });

  it('in a folder is read to the last record, and what it lacks is not granted', async () => {
    const folder = join(ground.folder, 'north');
    mkdirSync(folder);
    for (const type of ENTITY_TYPES) {
      if (type !== 'demographics') writeFileSync(join(folder, `${type}.csv`), await bundle(`/${type}.csv`));
    }
    expect(await ground.read(entryOf('north'))).toEqual({
      ...(await ground.truth()),
      demographics: 'not granted',
    });
  });

  it('of another version than its entry says is not read', async () => {
    writeFileSync(join(ground.folder, 'other.zip'), await bundle('?version=1.2'));
    await expect(ground.read(entryOf('other.zip'))).rejects.toThrow(
      'names another OneRoster version than 1.1',
    );
  });

  it('shows every change of what is shared', async () => {
    const { districtId } = await ground.entry();
    const users = `districts/${districtId}/records/users`;
    await ground.control('POST', users, {
      sourcedId: ' odd "id"; ü',
      username: 'a, b',
      givenName: 'line\nbreak',
      role: 'student',
    });
    await ground.control('POST', `districts/${districtId}/change`, { percent: 30 });
    writeFileSync(join(ground.folder, 'north.zip'), await bundle(''));
    expect(await ground.read(entryOf('north.zip'))).toEqual(await ground.truth());
  });
});
