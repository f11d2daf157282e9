import { describe, expect, it } from '@jest/globals';
import { deflateRawSync } from 'node:zlib';
import { unzipEntry } from './unzip.js';

/** Local header, content, directory, end record: what matters to a reader, and zeros. */
function zip(entries: Readonly<Record<string, string>>, method: 0 | 8): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(entries)) {
    const packed = method === 8 ? deflateRawSync(text) : Buffer.from(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    bodies.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

describe('unzipEntry', () => {
  const entries = { first: 'one', 'folder/second': 'two '.repeat(1000) };

  it.each([0, 8] as const)('finds an entry by its name (method %i)', (method) => {
    expect(unzipEntry(zip(entries, method), 'folder/second')?.toString()).toBe(entries['folder/second']);
    expect(unzipEntry(zip(entries, method), 'third')).toBeUndefined();
  });

  it('says so when it is not a zip', () => {
    expect(() => unzipEntry(Buffer.from('no'), 'first')).toThrow('not a zip');
  });
});
