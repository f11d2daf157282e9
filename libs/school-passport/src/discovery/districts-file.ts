/* A JSON list of districts in place of Discovery. Errors name the setting, the entry and the constraint; never a value. */
import { readFile } from 'node:fs/promises';
import { DISTRICT_ID_PATTERN } from '#contracts';
import { toSafeUrl } from '../http/urls.js';
import { SchoolPassportError, SchoolPassportSettingsError } from '../school-passport.errors.js';
import type { DistrictSource } from './district-source.js';

const SETTING = 'DISTRICTS_FILE';
const REQUIRED = ['districtId', 'oneRosterUrl', 'tokenUrl', 'clientId', 'clientSecret'] as const;
const DISTRICT_ID = new RegExp(DISTRICT_ID_PATTERN);

export async function readDistrictsFile(path: string): Promise<readonly DistrictSource[]> {
  return parseDistricts(await readText(path));
}

/** Throws SchoolPassportSettingsError. */
export function parseDistricts(text: string): readonly DistrictSource[] {
  const list = parseList(text);
  const seen = new Set<string>();
  return list.map((value, index) => {
    const source = readEntry(value, `${SETTING}: entry ${index + 1}`);
    if (seen.has(source.districtId))
      throw wrong(`${SETTING}: entry ${index + 1}: districtId repeats an earlier entry`);
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

function readEntry(value: unknown, place: string): DistrictSource {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`${place} must be an object`);
  const entry = value as Readonly<Record<string, unknown>>;
  const [districtId, oneRosterUrl, tokenUrl, clientId, clientSecret] = REQUIRED.map((name) =>
    text(entry, name, place),
  );
  if (!DISTRICT_ID.test(districtId ?? ''))
    throw wrong(`${place}: districtId must match ${DISTRICT_ID_PATTERN}`);
  const allowHttp = entry.allowHttp ?? false;
  if (typeof allowHttp !== 'boolean') throw wrong(`${place}: allowHttp must be true or false`);
  if (entry.name !== undefined && typeof entry.name !== 'string')
    throw wrong(`${place}: name must be a string`);
  return {
    districtId: districtId ?? '',
    name: entry.name || (districtId ?? ''),
    oneRosterUrl: url(place, 'oneRosterUrl', oneRosterUrl ?? '', allowHttp),
    tokenUrl: url(place, 'tokenUrl', tokenUrl ?? '', allowHttp),
    clientId: clientId ?? '',
    clientSecret: clientSecret ?? '',
    allowHttp,
    readyStamp: null,
    expiresAt: null,
  };
}

function text(entry: Readonly<Record<string, unknown>>, name: string, place: string): string {
  const value = entry[name];
  if (typeof value !== 'string' || value === '')
    throw wrong(`${place}: ${name} must be a string that is not empty`);
  return value;
}

function url(place: string, name: string, value: string, allowHttp: boolean): string {
  try {
    return toSafeUrl(name, value, allowHttp);
  } catch (error) {
    if (error instanceof SchoolPassportError) throw wrong(`${place}: ${error.message}`);
    throw error;
  }
}

function wrong(message: string): SchoolPassportSettingsError {
  return new SchoolPassportSettingsError(message);
}
