import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { BundleGround, LEAST, partsOf, rowsOf, zipOf, type Files } from '../test/bundle.fixture.js';
import { csvPages, CsvBundleError, DEFAULT_LIMITS } from './index.js';

const ground = new BundleGround();
afterAll(() => ground.end());

const user = (line: string, header = 'sourcedId,givenName'): Files => ({
  ...LEAST,
  'users.csv': `${header}\n${line}\n`,
});

describe('a CSV bundle', () => {
  it.each(['folder', 'zip', 'zip of a folder'])('is read from a %s', async (kind) => {
    const inFolder = Object.fromEntries(Object.entries(LEAST).map(([name, text]) => [`north/${name}`, text]));
    const forks = { '__MACOSX/north/._users.csv': 'x', 'north/._orgs.csv': 'x', 'north/readme.txt': 'x' };
    const path =
      kind === 'folder'
        ? ground.folder(LEAST)
        : await ground.zip(kind === 'zip' ? LEAST : { ...inFolder, ...forks });
    expect(await partsOf(path, 'orgs')).toEqual([
      { kind: 'page', rows: [{ sourcedId: 'o1', name: 'North' }], total: null, offset: 0 },
      { kind: 'end', total: null, offset: 1 },
    ]);
  });

  it('comes in pages of bounded size', async () => {
    const lines = Array.from({ length: 1201 }, (_, n) => `u${n}`).join('\n');
    const parts = await partsOf(ground.folder({ ...LEAST, 'users.csv': `sourcedId\n${lines}` }), 'users');
    expect(parts.map((part) => [part.kind, 'offset' in part ? part.offset : 0])).toEqual([
      ['page', 0],
      ['page', 500],
      ['page', 1000],
      ['end', 1201],
    ]);
  });

  it.each<[string, Files, object]>([
    ['a byte order mark', user('u1,Ann', '\ufeffsourcedId,givenName'), { givenName: 'Ann' }],
    ['quoted fields', user('u1,"Ann ""Annie"", x\n y"'), { givenName: 'Ann "Annie", x\n y' }],
    ['CRLF', user('u1,Ann\r', 'sourcedId,givenName\r'), { givenName: 'Ann' }],
    ['headers in any order and case', user('Ann,u1', 'GIVENNAME, SourcedId '), { givenName: 'Ann' }],
    ['lines without a value', user('u1,Ann\n,\n\n'), { givenName: 'Ann' }],
    ['names of files in any case', { 'ORGS.csv': 'sourcedId\no', 'Users.CSV': 'sourcedId\nu1' }, {}],
    ['a header alone beside it', { ...user('u1,Ann'), 'classes.csv': 'sourcedId\n' }, { givenName: 'Ann' }],
    ['status and time left empty, as bulk files are', user('u1,,', 'sourcedId,status,dateLastModified'), {}],
    ['unknown columns', user('u1,7', 'sourcedId,lockerNumber'), { lockerNumber: '7' }],
    [
      'a column named like a part of every object',
      user('u1,7', 'sourcedId,__proto__'),
      { ['__proto__']: '7' },
    ],
    [
      'metadata columns',
      user('u1,1,', 'sourcedId,metadata.gg4l.primaryGrade,metadata.empty'),
      { metadata: { 'gg4l.primaryGrade': '1' } },
    ],
  ])('is read with %s', async (_name, files, row) => {
    expect(await rowsOf(ground.folder(files), 'users')).toEqual([{ sourcedId: 'u1', ...row }]);
  });

  it('keeps ids as they are, whatever is in them', async () => {
    const ids = [' a ', 'A', 'a', 'ü/|+%', '007', 'x'.repeat(255)];
    const lines = ids.map((id) => `"${id}"`).join('\n');
    const path = ground.folder({ ...LEAST, 'users.csv': `sourcedId\n${lines}\n` });
    expect((await rowsOf(path, 'users')).map(({ sourcedId }) => sourcedId)).toEqual(ids);
  });

  it('without a file does not grant its collection, and with an empty one grants it empty', async () => {
    const path = ground.folder({ ...LEAST, 'courses.csv': 'sourcedId,title\n' });
    expect(await partsOf(path, 'classes')).toEqual([{ kind: 'not-granted', status: 404 }]);
    expect(await partsOf(path, 'courses')).toEqual([{ kind: 'end', total: null, offset: 0 }]);
  });

  it('does not follow a link that lies in it', async () => {
    const path = ground.folder({ 'orgs.csv': 'sourcedId\no' });
    symlinkSync(join(ground.folder(LEAST), 'users.csv'), join(path, 'users.csv'));
    await expect(partsOf(path, 'users')).rejects.toThrow('users.csv is missing');
  });

  it('stops when it is told to', async () => {
    const stop = AbortSignal.abort(new Error('told to'));
    const parts = csvPages({ path: ground.folder(LEAST), version: '1.1' }, 'users', stop);
    await expect(parts.next()).rejects.toThrow('told to');
  });
});

describe('a CSV bundle that cannot be believed is an error, never an empty collection:', () => {
  it.each<[string, Files, string]>([
    ['no orgs', { 'users.csv': 'sourcedId\nu' }, 'orgs.csv is missing'],
    ['a file of no bytes', { ...LEAST, 'orgs.csv': '' }, 'orgs.csv is empty'],
    ['no column of ids', { ...LEAST, 'orgs.csv': 'name\nNorth' }, 'orgs.csv has no column sourcedId'],
    ['a column twice', { ...LEAST, 'orgs.csv': 'sourcedId,name,Name\no,a,b' }, 'orgs.csv has a column twice'],
    [
      'a torn last line',
      { ...LEAST, 'orgs.csv': 'sourcedId,name\no,a\np' },
      'orgs.csv, line 3: another number',
    ],
    [
      'a torn quote',
      { ...LEAST, 'orgs.csv': 'sourcedId\n"o' },
      'orgs.csv, line 2: a quoted field is not closed',
    ],
    ['text behind a quote', { ...LEAST, 'orgs.csv': 'sourcedId\n"o"x' }, 'text after a quoted field'],
    ['a stray quote', { ...LEAST, 'orgs.csv': 'sourcedId\no"x' }, 'a quote inside a field'],
    [
      'another encoding',
      { ...LEAST, 'orgs.csv': Buffer.from('sourcedId\n\xfc\n', 'latin1') },
      'is not UTF-8',
    ],
    ['UTF-16', { ...LEAST, 'orgs.csv': Buffer.from('\ufeffsourcedId\no', 'utf16le') }, 'is not UTF-8'],
    ['half a character', { ...LEAST, 'orgs.csv': Buffer.from([0x6f, 0xc3]) }, 'is not UTF-8'],
    ['HTML', { ...LEAST, 'orgs.csv': '<html></html>' }, 'orgs.csv has no column sourcedId'],
  ])('%s', async (_name, files, message) => {
    for (const path of [ground.folder(files), await ground.zip(files)]) {
      const reading = partsOf(path, 'orgs');
      await expect(reading).rejects.toThrow(CsvBundleError);
      await expect(reading).rejects.toThrow(message);
    }
  });

  it('a file in two spellings', async () => {
    await expect(partsOf(ground.folder({ ...LEAST, 'Orgs.csv': '' }), 'orgs')).rejects.toThrow('twice');
    await expect(partsOf(await ground.zip({ ...LEAST, 'x/Orgs.csv': '' }), 'orgs')).rejects.toThrow('twice');
  });

  it('no bundle at all', async () => {
    await expect(partsOf(join(ground.root, 'none'), 'orgs')).rejects.toThrow('cannot be read (ENOENT)');
    const notZip = join(ground.folder({ 'x.zip': 'PK hush' }), 'x.zip');
    await expect(partsOf(notZip, 'orgs')).rejects.toThrow(
      'the zip file cannot be read: no zip file, or a broken',
    );
  });

  it.each<[string, string, string]>([
    ['a delta', 'file.users,delta', 'users.csv is a delta'],
    ['a delta of roles', 'file.roles,delta', 'roles.csv is a delta'],
    ['a file that is named and missing', 'file.classes,bulk', 'names classes.csv, and it is missing'],
    ['another version', 'oneroster.version,1.2', 'names another OneRoster version than 1.1'],
  ])('%s by its manifest', async (_name, line, message) => {
    const manifest = `propertyName,value\nmanifest.version,1.0\n${line}\n`;
    const path = ground.folder({ ...LEAST, 'manifest.csv': manifest });
    await expect(partsOf(path, 'orgs')).rejects.toThrow(message);
  });

  it('but a manifest that says what is there is taken', async () => {
    const lines = ['oneroster.version,1.1', 'file.orgs,bulk', 'file.users,bulk', 'file.courses,absent'];
    const files = { ...LEAST, 'manifest.csv': lines.join('\r\n'), 'courses.csv': 'sourcedId\nc' };
    const path = ground.folder(files);
    expect((await rowsOf(path, 'users')).length).toBe(1);
    expect(await partsOf(path, 'courses')).toEqual([{ kind: 'not-granted', status: 404 }]);
  });
});

describe('a zip file that is an attack, or broken, is refused:', () => {
  const limits = { ...DEFAULT_LIMITS, maxFileBytes: 4 * 1024 * 1024 };
  const refused = async (path: string, message: string): Promise<void> => {
    const reading = partsOf(path, 'orgs', { limits });
    await expect(reading).rejects.toThrow(CsvBundleError);
    await expect(reading).rejects.toThrow(message);
  };

  it('a bomb, by what it would be unpacked', async () => {
    const bomb = `sourcedId\n${'0'.repeat(3 * 1024 * 1024)}`;
    await refused(await ground.zip({ ...LEAST, 'orgs.csv': bomb }), 'larger, unpacked, than allowed');
    await refused(await ground.zip({ ...LEAST, 'orgs.csv': `${bomb}${bomb}` }, false), 'larger, unpacked');
  });

  it('a bomb that says it is small', async () => {
    const bomb = `sourcedId\n${'0'.repeat(3 * 1024 * 1024)}`;
    const zip = await zipOf({ 'orgs.csv': bomb, 'users.csv': 'sourcedId\nu' });
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bomb.length);
    const lie = Buffer.alloc(4);
    lie.writeUInt32LE(100);
    for (let at = zip.indexOf(size); at >= 0; at = zip.indexOf(size)) lie.copy(zip, at);
    await refused(join(ground.folder({ 'lie.zip': zip }), 'lie.zip'), 'orgs.csv cannot be read');
  });

  it('a path out of it', async () => {
    const zip = await zipOf({ ...LEAST, 'xx/passwd.csv': 'sourcedId\n' });
    const text = zip.toString('latin1').replaceAll('xx/passwd.csv', '../passwd.csv');
    const path = join(ground.folder({ 'out.zip': Buffer.from(text, 'latin1') }), 'out.zip');
    await refused(path, 'the zip file cannot be read');
  });

  it('more files than any bundle has', async () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`f${n}.csv`, '']));
    await refused(await ground.zip(many), 'holds more than 1000 files');
  });

  it('bytes that do not match their checksum, or end too soon', async () => {
    const zip = await zipOf({ ...LEAST, 'orgs.csv': 'sourcedId\nNORTHERN\n' }, false);
    const other = Buffer.from(zip.toString('latin1').replace('NORTHERN', 'SOUTHERN'), 'latin1');
    await refused(join(ground.folder({ 'x.zip': other }), 'x.zip'), 'orgs.csv does not match its checksum');
    const cut = zip.subarray(0, zip.length >> 1);
    await refused(join(ground.folder({ 'x.zip': cut }), 'x.zip'), 'the zip file cannot be read');
  });

  it('a line without an end', async () => {
    const small = { ...DEFAULT_LIMITS, maxLineBytes: 1000 };
    const path = ground.folder({ ...LEAST, 'orgs.csv': `sourcedId\n"${'x'.repeat(5000)}` });
    await expect(partsOf(path, 'orgs', { limits: small })).rejects.toThrow('a line longer than allowed');
  });
});
