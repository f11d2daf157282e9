import { stat } from 'node:fs/promises';
import { CsvBundleError } from './bundle.errors.js';
import { codeOf, type Bundle, type BundleLimits } from './bundle.js';
import { openFolder } from './folder.bundle.js';
import { openZip } from './zip.bundle.js';

/** Throws CsvBundleError. */
export async function openBundle(path: string, limits: BundleLimits): Promise<Bundle> {
  let isFolder: boolean;
  try {
    isFolder = (await stat(path)).isDirectory();
  } catch (error) {
    throw new CsvBundleError(`the bundle cannot be read (${codeOf(error)})`);
  }
  return isFolder ? openFolder(path, limits) : openZip(path, limits);
}
