import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The readiness stamp of a bundle: another one whenever a CSV file of it was written, replaced, added or taken away.
 * From names, sizes and times, because it is asked for every minute and bundles are large. `null`: there is no bundle
 * to be seen now. Begins with a letter beside a digit, so that nothing takes it for a time.
 */
export async function bundleStamp(path: string): Promise<string | null> {
  try {
    const whole = await stat(path, { bigint: true });
    const hash = createHash('sha256');
    if (!whole.isDirectory()) hash.update(factsOf('', whole));
    else
      for (const name of (await readdir(path)).filter(isCsv).sort())
        hash.update(factsOf(name, await lstat(join(path, name), { bigint: true })));
    return `csv1:${hash.digest('hex').slice(0, 32)}`;
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).errno === 'number') return null;
    throw error;
  }
}

const isCsv = (name: string): boolean => /\.csv$/i.test(name);

function factsOf(name: string, { size, mtimeNs, ctimeNs, ino }: BigIntStats): string {
  return JSON.stringify([name, ...[size, mtimeNs, ctimeNs, ino].map(String)]);
}
