import { describe, expect, it } from '@jest/globals';
import { readListing } from './read-listing.js';

const defaults = { tokenUrl: 'https://host/datahub/oauth/token', allowHttp: false };
const entry = {
  districtName: 'North',
  districtGuid: 'guid-1',
  clientId: 'id',
  clientSecret: 'top',
  tokenUrl: 'token.example.org/oauth/token',
  apiUrl: 'api.example.org',
  lastDataProcessingCompletedTimestamp: '2026-08-03T04:00:00.000Z',
  expiryDate: '2027-06-30T00:00:00.000+02:00',
};
const auth = {
  kind: 'oauth2',
  tokenUrl: 'https://token.example.org/oauth/token',
  clientId: 'id',
  clientSecret: 'top',
  credentialsIn: 'header',
  scopes: [],
};
const north = {
  kind: 'server',
  districtId: 'guid-1',
  name: 'North',
  version: '1.1',
  oneRosterUrl: 'https://api.example.org/datahub/services/ims/oneroster/v1p1',
  auth,
  allowHttp: false,
  pageLimit: null,
  readyStamp: '2026-08-03T04:00:00.000Z',
  expiresAt: '2027-06-30T00:00:00.000+02:00',
};
const { districtGuid, ...anonymous } = entry;

describe('the listing of districts', () => {
  it.each<[string, unknown]>([
    ['an array', [entry]],
    ['an array under a key', { credentials: [entry], total: 1 }],
    ['an object of entries', { first: entry }],
    ['an object keyed by district', { [districtGuid]: anonymous }],
    ['an object of entries under a key', { districts: { [districtGuid]: anonymous } }],
    ['a single entry', entry],
  ])('is read from %s', (_name, answer) => {
    expect(readListing(answer, defaults)).toEqual({ sources: [north], faults: [], withheld: [] });
  });

  it.each<[string, unknown]>([
    ['an error', { error: 'server_error' }],
    ['a text', 'fine'],
    ['nothing', null],
    ['an object without entries', {}],
    ['an error with an empty list', { message: 'try later', errors: [] }],
    ['an empty list of something else', { message: 'try later', details: [] }],
    ['a status', { imsx_codeMajor: 'failure', credentials: [] }],
    ['a status of another kind', { status: 'ERROR', credentials: [] }],
    ['a failure', { success: false, data: [] }],
    ['an error beside an empty list', { credentials: [], error: { code: 5 } }],
  ])('is not read from %s', (_name, answer) => {
    expect(readListing(answer, defaults)).toBeUndefined();
  });

  it('may be empty', () => {
    expect(readListing([], defaults)).toEqual({ sources: [], faults: [], withheld: [] });
    expect(readListing({ credentials: [] }, defaults)).toEqual({ sources: [], faults: [], withheld: [] });
  });

  it.each([
    { content: [], totalElements: 0, number: 0, size: 20, last: true, empty: true, pageable: { offset: 0 } },
    { credentials: [], totalCount: 0, status: 'OK' },
    { success: true, data: [] },
    { vendorCredentials: [], error: null },
  ])('may be empty in a page of %j', (answer) => {
    expect(readListing(answer, defaults)).toEqual({ sources: [], faults: [], withheld: [] });
  });

  it.each<[string, unknown, string]>([
    [
      'entries',
      {
        credentials: [
          { clientId: 'p', error: 'x' },
          { ...entry, apiUrl: '' },
        ],
      },
      'none of 2 entries',
    ],
    ['errors', { errors: [{ code: 'E1' }] }, 'none of 1 entries'],
  ])('of %s of which none can be used is not read, and the first fault is told', (_name, answer, told) => {
    const read = () => readListing(answer, defaults);
    expect(read).toThrow(expect.objectContaining({ code: 'unknown-shape' }));
    expect(read).toThrow(`${told} can be used: entry 1: districtGuid is missing`);
  });

  it('keeps no NUL and no half of a character, which no store can hold', () => {
    const [source] = readListing([{ ...entry, districtName: 'Ma\u0000ple \ud83d' }], defaults)?.sources ?? [];
    expect(source?.name).toBe('Maple \ufffd');
  });

  it('takes either spelling of the time of readiness, and none', () => {
    const { lastDataProcessingCompletedTimestamp, ...rest } = entry;
    const other = { ...rest, lastDataProcessingCompleteTimestamp: lastDataProcessingCompletedTimestamp };
    expect(readListing([other], defaults)?.sources[0]?.readyStamp).toBe(north.readyStamp);
    expect(readListing([rest], defaults)?.sources[0]?.readyStamp).toBeNull();
  });

  it('keeps the other districts when an entry cannot be used, and says which without its values', () => {
    const entries = [
      { ...entry, apiUrl: 'http://plain-host' },
      { ...entry, districtGuid: 'a b' },
      7,
      entry,
      entry,
    ];
    const listing = readListing(entries, defaults);
    expect(listing?.sources).toEqual([north]);
    expect(listing?.faults.map((fault) => fault.slice(0, 7))).toEqual([
      'entry 1',
      'entry 2',
      'entry 3',
      'entry 5',
    ]);
    expect(listing?.faults.join()).not.toMatch(/plain-host|a b|top/);
  });

  it('names whose entry cannot be used, but where another of that district can', () => {
    const south = { ...entry, districtGuid: 'guid-2', apiUrl: '' };
    const entries = [
      { ...entry, apiUrl: 'http://plain-host' },
      south,
      { ...south, districtGuid: 'a b' },
      entry,
    ];
    expect(readListing(entries, defaults)?.withheld).toEqual([
      { districtId: 'guid-2', fault: 'Discovery: entry 2: apiUrl is missing' },
    ]);
  });

  it('uses the token end of School Passport for an entry without one', () => {
    expect(readListing([{ ...entry, tokenUrl: '' }], defaults)?.sources[0]).toMatchObject({
      auth: { tokenUrl: defaults.tokenUrl },
    });
  });

  it.each([
    'api.example.org',
    'https://api.example.org/',
    'api.example.org/datahub',
    'https://api.example.org/datahub/services',
    'https://api.example.org/datahub/services/ims/oneroster/v1p1',
    'https://api.example.org/datahub/services/ims/oneroster/v1p1/',
    'https://api.example.org/datahub/services/ims/oneroster/v1p1/users',
  ])('finds the base path of an apiUrl that is %p', (apiUrl) => {
    expect(readListing([{ ...entry, apiUrl }], defaults)?.sources[0]).toMatchObject({
      oneRosterUrl: north.oneRosterUrl,
      version: '1.1',
    });
  });

  it('knows a 1.2 server by its base path', () => {
    const apiUrl = 'api.example.org/ims/oneroster/rostering/v1p2';
    expect(readListing([{ ...entry, apiUrl }], defaults)?.sources[0]).toMatchObject({
      oneRosterUrl: `https://${apiUrl}`,
      version: '1.2',
    });
  });

  it('lives with null where a value may be missing, and tells what may not', () => {
    const bare = {
      ...{ ...entry, districtName: null, tokenUrl: null, expiryDate: null },
      ...{ lastDataProcessingCompletedTimestamp: null, createdTimestamp: null },
    };
    expect(readListing([bare, { ...entry, clientSecret: null }], defaults)).toEqual({
      sources: [
        {
          ...{ ...north, name: 'guid-1', readyStamp: null, expiresAt: null },
          auth: { ...auth, tokenUrl: defaults.tokenUrl },
        },
      ],
      faults: ['entry 2: clientSecret is missing'],
      withheld: [],
    });
  });
});
