/* Pure reading of Discovery's answer, as liberal as its documentation is silent. */
import { DISTRICT_ID_PATTERN } from '#contracts';
import { cleanText } from '#oneroster';
import { toOneRosterBase, toSafeUrl, versionOf } from '../http/urls.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import type { DistrictListing, DistrictSource } from './district-source.js';

export interface ListingDefaults {
  /** For entries without one of their own. */
  readonly tokenUrl: string;
  readonly allowHttp: boolean;
}

type Entry = Readonly<Record<string, unknown>>;

const DISTRICT_ID = new RegExp(DISTRICT_ID_PATTERN);
/** Names that a list of districts may have, and names that tell of a trouble. */
const LIST = /credential|district|^(data|content|items|results)$/i;
const TROUBLE = /error|fault|exception|message|detail|code|^imsx_/i;
const STAMPS = ['lastDataProcessingCompletedTimestamp', 'lastDataProcessingCompleteTimestamp'];

/**
 * `undefined`: no known container, or an empty one that may be an error's. Entries that cannot be used are told as faults
 * and do not hide the others; one that says whose it is keeps its district from being taken for gone. Throws
 * SchoolPassportError `unknown-shape` if none of them can be used.
 */
export function readListing(answer: unknown, defaults: ListingDefaults): DistrictListing | undefined {
  const entries = findEntries(answer);
  if (entries === undefined || (entries.length === 0 && !isEmptyListing(answer))) return undefined;
  const sources = new Map<string, DistrictSource>();
  const faults: string[] = [];
  const unusableOf = new Map<string, string>();
  entries.forEach((entry, index) => {
    try {
      const source = readEntry(entry, defaults);
      if (sources.has(source.districtId)) throw unusable('districtGuid repeats an earlier entry');
      sources.set(source.districtId, source);
    } catch (error) {
      if (!(error instanceof SchoolPassportError)) throw error;
      const fault = `entry ${index + 1}: ${error.message}`;
      faults.push(fault);
      const districtId = districtOf(entry);
      if (districtId !== null) unusableOf.set(districtId, `Discovery: ${fault}`);
    }
  });
  if (sources.size === 0 && entries.length > 0)
    throw unusable(`none of ${entries.length} entries can be used: ${faults[0]}`);
  const withheld = [...unusableOf]
    .filter(([districtId]) => !sources.has(districtId))
    .map(([districtId, fault]) => ({ districtId, fault }));
  return { sources: [...sources.values()], faults, withheld };
}

/** Nobody is shared only where nothing tells of a trouble: an empty list may ride beside an error, or be its own. */
function isEmptyListing(answer: unknown): boolean {
  if (Array.isArray(answer)) return true;
  if (!isObject(answer)) return false;
  const said = Object.entries(answer).filter(([key, value]) => !(TROUBLE.test(key) && isNothing(value)));
  const lists = said.filter(([, value]) => Array.isArray(value));
  return lists.some(([key]) => LIST.test(key)) && !said.some(([key, value]) => isTrouble(key, value));
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function isTrouble(key: string, value: unknown): boolean {
  if (/^status$/i.test(key)) return !/^(ok|success|true|200)$/i.test(String(value));
  return TROUBLE.test(key) || (/^(ok|success)/i.test(key) && value === false);
}

/** An array; one under any key; an object of entries, perhaps keyed by districtGuid; or a single entry. */
function findEntries(answer: unknown): readonly unknown[] | undefined {
  if (Array.isArray(answer)) return answer as unknown[];
  if (!isObject(answer)) return undefined;
  if (isEntry(answer)) return [answer];
  const values = Object.entries(answer);
  if (values.length > 0 && values.every(([, value]) => isEntry(value))) {
    return values.map(([key, value]) => ({ districtGuid: key, ...(value as Entry) }));
  }
  const containers = values
    .map(([, value]) => value)
    .filter((value) => Array.isArray(value) || isKeyedContainer(value));
  return containers.length === 1 ? findEntries(containers[0]) : undefined;
}

function isKeyedContainer(value: unknown): boolean {
  return isObject(value) && Object.values(value).length > 0 && Object.values(value).every(isEntry);
}

function isEntry(value: unknown): boolean {
  return isObject(value) && 'clientId' in value;
}

function readEntry(entry: unknown, { tokenUrl, allowHttp }: ListingDefaults): DistrictSource {
  if (!isObject(entry)) throw unusable('not an object');
  const districtId = requireText(entry, 'districtGuid');
  if (districtOf(entry) === null) throw unusable(`districtGuid must match ${DISTRICT_ID_PATTERN}`);
  const ownTokenUrl = readText(entry.tokenUrl);
  const oneRosterUrl = toOneRosterBase(toSafeUrl('apiUrl', requireText(entry, 'apiUrl'), allowHttp));
  return {
    kind: 'server',
    districtId,
    name: readText(entry.districtName) ?? districtId,
    version: versionOf(oneRosterUrl) ?? '1.1',
    oneRosterUrl,
    auth: {
      kind: 'oauth2',
      tokenUrl: ownTokenUrl === undefined ? tokenUrl : toSafeUrl('tokenUrl', ownTokenUrl, allowHttp),
      clientId: requireText(entry, 'clientId'),
      clientSecret: requireText(entry, 'clientSecret'),
      credentialsIn: 'header',
      scopes: [],
    },
    allowHttp,
    pageLimit: null,
    readyStamp: STAMPS.map((name) => readText(entry[name])).find((stamp) => stamp !== undefined) ?? null,
    expiresAt: readText(entry.expiryDate) ?? null,
  };
}

/** `null`: the entry does not say whose it is. */
function districtOf(entry: unknown): string | null {
  const districtId = isObject(entry) ? readText(entry.districtGuid) : undefined;
  return districtId !== undefined && DISTRICT_ID.test(districtId) ? districtId : null;
}

function requireText(entry: Entry, name: string): string {
  const text = readText(entry[name]);
  if (text === undefined) throw unusable(`${name} is missing`);
  return text;
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  const text = cleanText(value).trim();
  return text === '' ? undefined : text;
}

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unusable(message: string): SchoolPassportError {
  return new SchoolPassportError('unknown-shape', message);
}
