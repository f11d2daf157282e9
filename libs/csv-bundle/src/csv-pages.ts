/*
 * A collection out of a OneRoster CSV bundle, as pages of rows in the shape of the REST API. One bundle is one
 * snapshot, so only bulk files are taken: of a delta everything it does not name would look gone. A file that is
 * missing is a collection that is not granted, but for orgs and users, without which there is no roster.
 */
import { ENTITY_TYPES, type EntityType } from '#contracts';
import { CsvBundleError } from './bundle.errors.js';
import { DEFAULT_LIMITS, type Bundle, type BundleLimits } from './bundle.js';
import { csvRows } from './csv-rows.js';
import { MANIFEST, readManifest, type Manifest } from './manifest.js';
import { openBundle } from './open-bundle.js';
import { rowShape, type Row, type ToRow } from './row-shape.js';
import { passesFor, withCompanions } from './user-companions.js';

export type BundlePart =
  | { readonly kind: 'page'; readonly rows: readonly Row[]; readonly total: null; readonly offset: number }
  | { readonly kind: 'end'; readonly total: null; readonly offset: number }
  | { readonly kind: 'not-granted'; readonly status: 404 };

export interface BundleToRead {
  readonly path: string;
  readonly version: string;
}

const PAGE_ROWS = 500;
/** Files of OneRoster 1.2 that hold parts of users. */
const COMPANIONS = ['roles', 'userProfiles'];

/** Throws CsvBundleError, or what the signal was aborted with. */
export async function* csvPages(
  { path, version }: BundleToRead,
  type: EntityType,
  signal?: AbortSignal,
  limits: BundleLimits = DEFAULT_LIMITS,
): AsyncGenerator<BundlePart> {
  const bundle = await openBundle(path, limits);
  try {
    const manifest = await readManifest(bundle, limits.maxLineBytes);
    requireSnapshot(bundle, manifest, version);
    if (!isThere(bundle, manifest, type)) {
      if (type === 'orgs' || type === 'users') throw new CsvBundleError(`${type}.csv is missing`);
      yield { kind: 'not-granted', status: 404 };
      return;
    }
    let offset = 0;
    for await (const rows of inPages(await rowsOf(bundle, manifest, type, limits))) {
      signal?.throwIfAborted();
      yield { kind: 'page', rows, total: null, offset };
      offset += rows.length;
    }
    yield { kind: 'end', total: null, offset };
  } finally {
    await bundle.close();
  }
}

function requireSnapshot(bundle: Bundle, manifest: Manifest, version: string): void {
  const said = manifest.version;
  if (said !== undefined && said !== version) {
    throw new CsvBundleError(`${MANIFEST} names another OneRoster version than ${version}`);
  }
  for (const file of [...ENTITY_TYPES, ...COMPANIONS]) {
    const mode = manifest.modeOf(file);
    if (mode === 'delta') throw new CsvBundleError(`${file}.csv is a delta: only bulk files are a snapshot`);
    if (mode === 'bulk' && !bundle.has(`${file}.csv`)) {
      throw new CsvBundleError(`${MANIFEST} names ${file}.csv, and it is missing`);
    }
  }
}

function isThere(bundle: Bundle, manifest: Manifest, file: string): boolean {
  return bundle.has(`${file}.csv`) && manifest.modeOf(file) !== 'absent';
}

async function rowsOf(
  bundle: Bundle,
  manifest: Manifest,
  type: EntityType,
  limits: BundleLimits,
): Promise<AsyncIterable<Row>> {
  const rows = (file: string) => (): AsyncIterable<Row> =>
    isThere(bundle, manifest, file) ? fileRows(bundle, `${file}.csv`, limits) : noRows();
  if (type !== 'users' || !COMPANIONS.some((file) => isThere(bundle, manifest, file))) return rows(type)();
  const sizes = await Promise.all(COMPANIONS.map((file) => bundle.size(`${file}.csv`)));
  const files = { users: rows('users'), roles: rows('roles'), userProfiles: rows('userProfiles') };
  return withCompanions(files, passesFor(sizes.reduce((sum, size) => sum + size, 0)));
}

async function* noRows(): AsyncGenerator<Row> {}

async function* fileRows(bundle: Bundle, file: string, limits: BundleLimits): AsyncGenerator<Row> {
  let toRow: ToRow | undefined;
  for await (const cells of csvRows(file, bundle.read(file), limits.maxLineBytes)) {
    if (toRow === undefined) toRow = rowShape(file, cells);
    else yield toRow(cells);
  }
  // Not even a header: a file that was begun and not written, rather than a collection without records.
  if (toRow === undefined) throw new CsvBundleError(`${file} is empty`);
}

async function* inPages(rows: AsyncIterable<Row>): AsyncGenerator<readonly Row[]> {
  let page: Row[] = [];
  for await (const row of rows) {
    page.push(row);
    if (page.length < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
