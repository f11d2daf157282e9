import { constants } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CsvBundleError } from './bundle.errors.js';
import { codeOf, type Bundle, type BundleLimits } from './bundle.js';

/** The regular files of a folder. Links among them are not followed: who delivers a bundle does not say what is read. */
export async function openFolder(path: string, limits: BundleLimits): Promise<Bundle> {
  const names = new Map<string, string>();
  for (const entry of await listing(path)) {
    const name = entry.name.toLowerCase();
    if (!entry.isFile()) continue;
    if (names.has(name))
      throw new CsvBundleError(`the bundle holds a file twice: ${name} in another spelling`);
    names.set(name, entry.name);
  }
  return {
    has: (name) => names.has(name.toLowerCase()),
    size: (name) => sizeOf(path, names.get(name.toLowerCase())),
    read: (name) => bytesOf(join(path, names.get(name.toLowerCase()) ?? name), name, limits),
    close: () => Promise.resolve(),
  };
}

async function listing(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    throw new CsvBundleError(`the bundle cannot be read (${codeOf(error)})`);
  }
}

async function sizeOf(path: string, name: string | undefined): Promise<number> {
  if (name === undefined) return 0;
  try {
    return (await lstat(join(path, name))).size;
  } catch (error) {
    throw new CsvBundleError(`${name.toLowerCase()} cannot be read (${codeOf(error)})`);
  }
}

async function* bytesOf(path: string, name: string, limits: BundleLimits): AsyncGenerator<Buffer> {
  let bytes = 0;
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    for await (const chunk of file.createReadStream() as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.maxFileBytes) throw new CsvBundleError(`${name} is larger than allowed`);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof CsvBundleError) throw error;
    throw new CsvBundleError(`${name} cannot be read (${codeOf(error)})`);
  }
}
