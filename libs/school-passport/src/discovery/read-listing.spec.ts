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
const north = {
  districtId: 'guid-1',
  name: 'North',
  oneRosterUrl: 'https://api.example.org/datahub/services/ims/oneroster/v1p1',
  tokenUrl: 'https://token.example.org/oauth/token',
  clientId: 'id',
  clientSecret: 'top',
  allowHttp: false,
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
    expect(readListing(answer, defaults)).toEqual({ sources: [north], faults: [] });
  });

  it.each<[string, unknown]>([
    ['an error', { error: 'server_error' }],
    ['a text', 'fine'],
    ['nothing', null],
    ['an object without entries', {}],
  ])('is not read from %s', (_name, answer) => {
    expect(readListing(answer, defaults)).toBeUndefined();
  });

  it('may be empty', () => {
    expect(readListing([], defaults)).toEqual({ sources: [], faults: [] });
    expect(readListing({ credentials: [] }, defaults)).toEqual({ sources: [], faults: [] });
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

  it('uses the token end of School Passport for an entry without one', () => {
    expect(readListing([{ ...entry, tokenUrl: '' }], defaults)?.sources[0]?.tokenUrl).toBe(defaults.tokenUrl);
  });
});
