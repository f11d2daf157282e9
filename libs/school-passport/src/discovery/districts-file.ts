/* A JSON list of districts in place of Discovery. Errors name the setting, the entry and the constraint; never a value. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleStamp } from '#csv-bundle';
import { SchoolPassportSettingsError } from '../school-passport.errors.js';
import { readDistrictEntry, type EntryGround } from './district-entry.js';
import type { DistrictSource } from './district-source.js';

const SETTING = 'DISTRICTS_FILE';

/** With the readiness stamps of CSV bundles; a bundle that cannot be seen now has none. */
export async function readDistrictsFile(path: string): Promise<readonly DistrictSource[]> {
  const sources = parseDistricts(await readText(path), { folder: dirname(path), env: process.env });
  return Promise.all(
    sources.map(async (source) =>
      source.kind === 'csv' ? { ...source, readyStamp: await bundleStamp(source.path) } : source,
    ),
  );
}

/** Throws SchoolPassportSettingsError. */
export function parseDistricts(text: string, ground: EntryGround): readonly DistrictSource[] {
  const list = parseList(text);
  const seen = new Set<string>();
  return list.map((value, index) => {
    const place = `${SETTING}: entry ${index + 1}`;
    const source = readDistrictEntry(value, place, ground);
    if (seen.has(source.districtId)) throw wrong(`${place}: districtId repeats an earlier entry`);
    seen.add(source.districtId);
    return source;
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no code';
    throw wrong(`${SETTING}: the file cannot be read (${code})`);
  }
}

function parseList(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    throw wrong(`${SETTING}: the file must be JSON`);
  }
  if (!Array.isArray(value)) throw wrong(`${SETTING}: the file must be a JSON list of districts`);
  return value;
}

function wrong(message: string): SchoolPassportSettingsError {
  return new SchoolPassportSettingsError(message);
}
