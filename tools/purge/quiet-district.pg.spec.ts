import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { namespaceUrl } from '../../apps/persister/src/roster-store/migrate.js';
import {
  openScratchRoster,
  serverUrl,
  type ScratchRoster,
} from '../../apps/persister/src/roster-store/scratch-roster.js';
import { whileQuiet } from './quiet-district.js';

describe('a district of which nothing moves', () => {
  let scratch: ScratchRoster;
  beforeAll(async () => {
    scratch = await openScratchRoster();
    await scratch.query(`create schema ledger; create table ledger.districts (district_id text, state text, reason text);
      create table ledger.runs (district_id text, generation bigint, state text, opened_at timestamptz);
      insert into ledger.districts values ('d', 'active');
      insert into ledger.runs values ('d', 5, 'completed', '2026-03-04T05:06:07Z')`);
  });
  afterAll(() => scratch.close());

  it('has the time of its last run also where the database writes dates in another way', async () => {
    await scratch.query(`alter database ${scratch.namespace} set datestyle to 'SQL, DMY'`);
    const url = namespaceUrl(serverUrl(), scratch.namespace);
    const { completed } = await whileQuiet(url, 'd', (district) => Promise.resolve(district));
    expect(completed).toEqual({ generation: 5, time: '2026-03-04T05:06:07.000Z' });
  });
});
