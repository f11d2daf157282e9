/*
 * A JSON list of districts in place of Discovery. Errors name the setting, the entry and the constraint; never a value.
 * An entry that cannot be used stops its own district and no other; the file is refused only where it is no list, or
 * where two entries are of one district, so that nobody knows which is right.
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bundleStamp } from '#csv-bundle';
import { SchoolPassportSettingsError } from '../school-passport.errors.js';
import { districtOf, readDistrictEntry, type EntryGround } from './district-entry.js';
import type { DistrictListing, DistrictSource, WithheldDistrict } from './district-source.js';

const SETTING = 'DISTRICTS_FILE';

/** With the readiness stamps of CSV bundles; a bundle that cannot be seen now has none. */
export async function readDistrictsFile(path: string): Promise<DistrictListing> {
  const listing = parseDistricts(await readText(path), { folder: dirname(path), env: process.env });
  const sources = await Promise.all(
    listing.sources.map(async (source) =>
      source.kind === 'csv' ? { ...source, readyStamp: await bundleStamp(source.path) } : source,
    ),
  );
  return { ...listing, sources };
}

/** Throws SchoolPassportSettingsError for the file as a whole. */
export function parseDistricts(text: string, ground: EntryGround): DistrictListing {
  const seen = new Set<string>();
  const sources: DistrictSource[] = [];
  const withheld: WithheldDistrict[] = [];
  parseList(text).forEach((value, index) => {
    const place = `${SETTING}: entry ${index + 1}`;
    const districtId = districtOf(value);
    if (districtId !== null && seen.has(districtId))
      throw wrong(`${place}: districtId repeats an earlier entry`);
    if (districtId !== null) seen.add(districtId);
    try {
      sources.push(readDistrictEntry(value, place, ground));
    } catch (error) {
      if (!(error instanceof SchoolPassportSettingsError)) throw error;
      withheld.push({ districtId, fault: error.message });
    }
  });
  return { sources, faults: withheld.map(({ fault }) => fault), withheld };
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
