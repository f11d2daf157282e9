/*
 * A zip file, entry by entry through yauzl. What an entry is said to be is checked before it is unpacked (size, ratio),
 * and while it is (as many bytes as said, and their checksum), so a bomb or a torn file ends the reading.
 */
import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { CsvBundleError } from './bundle.errors.js';
import type { Bundle, BundleLimits } from './bundle.js';

const SMALL_BYTES = 1024 * 1024;
/** What a Mac adds to a zip file beside each file. */
const RESOURCE_FORK = /^__MACOSX\/|(^|\/)\._/;

export async function openZip(path: string, limits: BundleLimits): Promise<Bundle> {
  const zip = await orUnreadable(() => openPromise(path, { autoClose: false }));
  try {
    const entries = await entriesOf(zip, limits);
    return {
      has: (name) => entries.has(name.toLowerCase()),
      size: (name) => Promise.resolve(entries.get(name.toLowerCase())?.uncompressedSize ?? 0),
      read: (name) => bytesOf(zip, entries.get(name.toLowerCase()), name, limits),
      close: () => Promise.resolve(zip.close()),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

/** By the last part of their names: many a bundle is a zipped folder. */
async function entriesOf(zip: ZipFile, limits: BundleLimits): Promise<ReadonlyMap<string, Entry>> {
  if (zip.entryCount > limits.maxEntries) {
    throw new CsvBundleError(`the zip file holds more than ${limits.maxEntries} files`);
  }
  const entries = new Map<string, Entry>();
  const iterator = zip.eachEntry();
  for (;;) {
    const step = await orUnreadable(() => iterator.next());
    if (step.done === true) return entries;
    const entry: Entry = step.value;
    if (RESOURCE_FORK.test(entry.fileName) || entry.fileName.endsWith('/')) continue;
    const name = entry.fileName.slice(entry.fileName.lastIndexOf('/') + 1).toLowerCase();
    if (!name.endsWith('.csv')) continue;
    if (entries.has(name)) throw new CsvBundleError('the zip file holds a CSV file of one name twice');
    entries.set(name, entry);
  }
}

async function* bytesOf(
  zip: ZipFile,
  entry: Entry | undefined,
  name: string,
  limits: BundleLimits,
): AsyncGenerator<Buffer> {
  if (entry === undefined) throw new CsvBundleError(`${name} is missing`);
  if (entry.isEncrypted()) throw new CsvBundleError(`${name} is encrypted`);
  const { uncompressedSize, compressedSize } = entry;
  const isBomb = uncompressedSize > SMALL_BYTES && uncompressedSize > compressedSize * limits.maxRatio;
  if (uncompressedSize > limits.maxFileBytes || isBomb) {
    throw new CsvBundleError(`${name} is larger, unpacked, than allowed`);
  }
  const stream = await orUnreadable(() => zip.openReadStreamPromise(entry), name);
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let sum = 0;
  try {
    for (;;) {
      const step = await orUnreadable(() => chunks.next(), name);
      if (step.done === true) break;
      sum = crc32(step.value, sum);
      yield step.value;
    }
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw new CsvBundleError(`${name} does not match its checksum`);
}

/** Messages of the library quote names and offsets of the file: they stay inside. */
async function orUnreadable<T>(read: () => Promise<T>, name = 'the zip file'): Promise<T> {
  try {
    return await read();
  } catch {
    throw new CsvBundleError(`${name} cannot be read: no zip file, or a broken one`);
  }
}
