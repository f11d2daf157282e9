import { afterAll } from '@jest/globals';
import { describeRosterStore } from '../../../../libs/roster-consumer/test/roster-store.contract.js';
import { PostgresRosterStore } from './roster.store.js';
import { openScratchRoster, type ScratchRoster } from './scratch-roster.js';

let scratch: ScratchRoster | undefined;
afterAll(() => scratch?.close());

describeRosterStore('the roster in Postgres', async () => {
  scratch = await openScratchRoster();
  return new PostgresRosterStore(scratch.database);
});
