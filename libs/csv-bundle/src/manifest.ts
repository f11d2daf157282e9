/* What manifest.csv says of its bundle. It is optional; what it says must be true. */
import type { Bundle } from './bundle.js';
import { CsvBundleError } from './bundle.errors.js';
import { csvRows } from './csv-rows.js';

export const MANIFEST = 'manifest.csv';
const MAX_ROWS = 1000;

export interface Manifest {
  /** 1.1 or 1.2, or whatever else it says; `undefined`: nothing. */
  readonly version: string | undefined;
  /** `bulk`, `delta` or `absent`, of the name of a file without `.csv`. */
  readonly modeOf: (file: string) => string | undefined;
}

/** Throws CsvBundleError. */
export async function readManifest(bundle: Bundle, maxLineBytes: number): Promise<Manifest> {
  const values = new Map<string, string>();
  if (bundle.has(MANIFEST)) {
    for await (const [name = '', value = ''] of csvRows(MANIFEST, bundle.read(MANIFEST), maxLineBytes)) {
      values.set(name.trim().toLowerCase(), value.trim().toLowerCase());
      if (values.size > MAX_ROWS) throw new CsvBundleError(`${MANIFEST} has more than ${MAX_ROWS} lines`);
    }
  }
  return {
    version: values.get('oneroster.version') || undefined,
    modeOf: (file) => values.get(`file.${file.toLowerCase()}`),
  };
}
