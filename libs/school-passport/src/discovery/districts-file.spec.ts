import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Discovery } from './discovery.client.js';
import { parseDistricts } from './districts-file.js';

const entry = {
  districtId: 'd1',
  name: 'North',
  oneRosterUrl: 'https://sis.example.org/prefix/ims/oneroster/v1p1/',
  tokenUrl: 'https://sis.example.org/token',
  clientId: 'id',
  clientSecret: 'hush',
};
const withoutSecret = { ...entry, clientSecret: undefined };

describe('the districts file', () => {
  it('lists districts', () => {
    expect(parseDistricts(JSON.stringify([entry]))).toEqual([
      {
        ...entry,
        oneRosterUrl: 'https://sis.example.org/prefix/ims/oneroster/v1p1',
        allowHttp: false,
        readyStamp: null,
        expiresAt: null,
      },
    ]);
  });

  it.each<[unknown, string]>([
    ['hush', 'DISTRICTS_FILE: the file must be JSON'],
    [{}, 'DISTRICTS_FILE: the file must be a JSON list of districts'],
    [[entry, withoutSecret], 'DISTRICTS_FILE: entry 2: clientSecret must be a string that is not empty'],
    [[{ ...entry, districtId: 'hush hush' }], 'DISTRICTS_FILE: entry 1: districtId must match'],
    [[{ ...entry, tokenUrl: 'http://hush' }], 'DISTRICTS_FILE: entry 1: tokenUrl must be https'],
    [[{ ...entry, allowHttp: 'hush' }], 'DISTRICTS_FILE: entry 1: allowHttp must be true or false'],
    [[entry, entry], 'DISTRICTS_FILE: entry 2: districtId repeats an earlier entry'],
    [['hush'], 'DISTRICTS_FILE: entry 1 must be an object'],
  ])('names the entry and the constraint, never a value (%#)', (content, message) => {
    const parse = (): unknown =>
      parseDistricts(typeof content === 'string' ? content : JSON.stringify(content));
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/hush/);
  });

  it('is read again each time, and a missing one is told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'districts-'));
    const path = join(folder, 'districts.json');
    const discovery = new Discovery({ districtsFile: path });
    await expect(discovery.list()).rejects.toThrow('DISTRICTS_FILE: the file cannot be read (ENOENT)');
    await writeFile(path, '[]');
    expect(await discovery.list()).toEqual([]);
    await writeFile(path, JSON.stringify([entry]));
    expect((await discovery.find('d1'))?.name).toBe('North');
    expect(await discovery.find('d2')).toBeNull();
    await rm(folder, { recursive: true });
  });
});
