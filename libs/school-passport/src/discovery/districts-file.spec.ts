import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Discovery } from './discovery.client.js';
import { parseDistricts } from './districts-file.js';

const bare = {
  districtId: 'd1',
  name: 'North',
  oneRosterUrl: 'https://sis.example.org/prefix/ims/oneroster/v1p1/',
};
const entry = {
  ...bare,
  tokenUrl: 'https://sis.example.org/token',
  clientId: 'id',
  clientSecret: 'hush',
};
const bearer = { ...bare, auth: 'bearer', token: 'hush' };
const oauth1 = { ...bare, auth: 'oauth1', clientId: 'id', clientSecret: 'hush' };
const bundle = { districtId: 'd1', csv: 'bundles/north.zip' };
const withoutSecret = { ...entry, clientSecret: undefined };
const ground = { folder: '/etc/rollcall', env: { NORTH_SECRET: 'hush', EMPTY: '' } };
const read = (content: unknown) => parseDistricts(JSON.stringify(content), ground);
const parse = (content: unknown) => read(content).sources;
const facts = { districtId: 'd1', readyStamp: null, expiresAt: null };
const server = {
  ...{ ...facts, kind: 'server', name: 'North', version: '1.1', allowHttp: false, pageLimit: null },
  oneRosterUrl: 'https://sis.example.org/prefix/ims/oneroster/v1p1',
};
const oauth2 = {
  ...{ kind: 'oauth2', tokenUrl: entry.tokenUrl, clientId: 'id', clientSecret: 'hush' },
  ...{ credentialsIn: 'header', scopes: [] },
};

describe('the districts file', () => {
  it('lists districts', () => {
    expect(parse([entry])).toEqual([{ ...server, auth: oauth2 }]);
  });

  it.each<[string, object, object]>([
    ['the pair in the body', { credentialsIn: 'body' }, { auth: { ...oauth2, credentialsIn: 'body' } }],
    ['scopes', { scopes: ['a', 'b'] }, { auth: { ...oauth2, scopes: ['a', 'b'] } }],
    [
      'a secret out of the environment',
      { clientSecret: null, clientSecretEnv: 'NORTH_SECRET' },
      { auth: oauth2 },
    ],
    ['pages of its own', { pageLimit: 100 }, { pageLimit: 100 }],
    ['no name', { name: '' }, { name: 'd1' }],
    [
      'a base path that names no version',
      { oneRosterUrl: 'https://h/or', version: '1.2' },
      { version: '1.2' },
    ],
    ['the base path of 1.2', { oneRosterUrl: 'https://h/ims/oneroster/rostering/v1p2' }, { version: '1.2' }],
  ])('may give a server %s', (_name, change, read) => {
    expect(parse([{ ...entry, ...change }])[0]).toMatchObject(read);
  });

  it('may give a server a static bearer token, or OAuth 1.0a', () => {
    expect(parse([bearer])).toEqual([{ ...server, auth: { kind: 'bearer', token: 'hush' } }]);
    const pair = { kind: 'oauth1', clientId: 'id', clientSecret: 'hush' };
    expect(parse([oauth1])).toEqual([{ ...server, auth: { ...pair, signature: 'HMAC-SHA256' } }]);
    expect(parse([{ ...oauth1, signature: 'HMAC-SHA1' }])).toEqual([
      { ...server, auth: { ...pair, signature: 'HMAC-SHA1' } },
    ]);
  });

  it('may name a CSV bundle, relative to itself', () => {
    const path = '/etc/rollcall/bundles/north.zip';
    expect(parse([bundle])).toEqual([{ ...facts, kind: 'csv', name: 'd1', version: '1.1', path }]);
    expect(parse([{ ...bundle, csv: '/n', version: '1.2' }])).toMatchObject([{ path: '/n', version: '1.2' }]);
  });

  it.each<[unknown, string]>([
    ['hush', 'DISTRICTS_FILE: the file must be JSON'],
    [{}, 'DISTRICTS_FILE: the file must be a JSON list of districts'],
    [[entry, entry], 'DISTRICTS_FILE: entry 2: districtId repeats an earlier entry'],
    [[entry, withoutSecret], 'DISTRICTS_FILE: entry 2: districtId repeats an earlier entry'],
  ])('is refused as a whole where it is no list, or names a district twice (%#)', (content, message) => {
    const reading = (): unknown =>
      typeof content === 'string' ? parseDistricts(content, ground) : read(content);
    expect(reading).toThrow(message);
    expect(reading).not.toThrow(/hush/i);
  });

  it.each<[unknown, string]>([
    [[withoutSecret], 'DISTRICTS_FILE: entry 1: clientSecret must be a string that is not empty'],
    [[{ ...entry, districtId: 'hush hush' }], 'DISTRICTS_FILE: entry 1: districtId must match'],
    [[{ ...entry, tokenUrl: 'http://hush' }], 'DISTRICTS_FILE: entry 1: tokenUrl must be https'],
    [[{ ...entry, allowHttp: 'hush' }], 'DISTRICTS_FILE: entry 1: allowHttp must be true or false'],
    [[{ ...entry, name: ['hush'] }], 'entry 1: name must be a string'],
    [['hush'], 'DISTRICTS_FILE: entry 1 must be an object'],
    [[{ ...entry, auth: 'hush' }], 'entry 1: auth must be one of oauth2, bearer, oauth1'],
    [[{ ...entry, credentialsIn: 'hush' }], 'entry 1: credentialsIn must be one of header, body'],
    [[{ ...entry, scopes: 'hush' }], 'entry 1: scopes must be a list of words'],
    [[{ ...entry, scopes: ['hush hush'] }], 'entry 1: scopes must be a list of words'],
    [[{ ...entry, pageLimit: 0 }], 'entry 1: pageLimit must be a whole number from 1 to 10000'],
    [[{ ...entry, version: '2.0' }], 'entry 1: version must be one of 1.1, 1.2'],
    [[{ ...entry, version: '1.2' }], 'entry 1: version must be the one that oneRosterUrl names'],
    [[{ ...entry, clientSecretEnv: 'NORTH_SECRET' }], 'clientSecret and clientSecretEnv exclude each other'],
    [[{ ...bearer, token: null, tokenEnv: 'HUSH' }], 'entry 1: tokenEnv must name an environment variable'],
    [[{ ...bearer, token: null, tokenEnv: 'EMPTY' }], 'entry 1: tokenEnv must name an environment variable'],
    [[{ ...bearer, token: 'hush\r\nx: y' }], 'entry 1: token must be one word of ASCII'],
    [[{ ...bearer, clientSecret: 'hush' }], 'entry 1: a field that is not known; an entry of this kind has'],
    [[{ ...oauth1, signature: 'hush' }], 'entry 1: signature must be one of HMAC-SHA256, HMAC-SHA1'],
    [[{ ...entry, scope: 'hush' }], 'entry 1: a field that is not known; an entry of this kind has'],
    [[{ ...bundle, csv: '' }], 'entry 1: csv must be a string that is not empty'],
    [[{ ...bundle, tokenUrl: 'hush' }], 'entry 1: a field that is not known; an entry of this kind has'],
  ])('names the entry and the constraint, never a value (%#)', (content, message) => {
    const { sources, faults } = read(content);
    expect(sources).toEqual([]);
    expect(faults).toEqual([expect.stringContaining(message)]);
    expect(faults.join()).not.toMatch(/hush/i);
  });

  it('gives the other districts where an entry cannot be used, and tells whose that is', () => {
    const other = { ...entry, districtId: 'd2' };
    const { sources, faults, withheld } = read([{ ...withoutSecret }, other, { name: 'hush' }]);
    expect(sources.map(({ districtId }) => districtId)).toEqual(['d2']);
    expect(faults).toHaveLength(2);
    expect(withheld).toEqual([
      { districtId: 'd1', fault: faults[0] },
      { districtId: null, fault: faults[1] },
    ]);
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
    await writeFile(path, JSON.stringify([{ ...entry, districtId: 'd2' }, withoutSecret]));
    expect((await discovery.find('d2'))?.name).toBe('North');
    await expect(discovery.find('d1')).rejects.toThrow('DISTRICTS_FILE: entry 2: clientSecret must be');
    expect(await discovery.find('d3')).toBeNull();
    await writeFile(path, JSON.stringify([entry, { ...entry, districtId: undefined }]));
    expect((await discovery.find('d1'))?.name).toBe('North');
    await expect(discovery.find('d3')).rejects.toThrow('DISTRICTS_FILE: entry 2: districtId must be');
    await rm(folder, { recursive: true });
  });

  it('tells when a CSV bundle beside it was written, and lists one that is not there yet', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'districts-'));
    const path = join(folder, 'districts.json');
    await writeFile(
      path,
      JSON.stringify([
        { districtId: 'd1', csv: 'north' },
        { ...entry, districtId: 'd2' },
      ]),
    );
    const discovery = new Discovery({ districtsFile: path });
    const stamp = async () => (await discovery.find('d1'))?.readyStamp;
    expect(await stamp()).toBeNull();
    await mkdir(join(folder, 'north'));
    await writeFile(join(folder, 'north', 'users.csv'), 'sourcedId\n');
    const first = await stamp();
    expect(first).toMatch(/^csv1:/);
    expect(await stamp()).toBe(first);
    await writeFile(join(folder, 'north', 'users.csv'), 'sourcedId\n');
    expect(await stamp()).not.toBe(first);
    await rm(folder, { recursive: true });
  });
});
