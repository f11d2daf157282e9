import { MemoryRosterStore } from './memory.roster-store.js';
import { describeRosterStore } from './roster-store.contract.js';

describeRosterStore('the roster in memory', async () => {
  return new MemoryRosterStore(({ event }) => 'data' in event && Object.values(event.data).includes('never'));
});
