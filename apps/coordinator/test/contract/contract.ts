import { describe } from '@jest/globals';
import { contractOfConfirming } from './confirming.js';
import { contractOfLease } from './lease.js';
import { DISTRICT, type LedgerUnderContract, type MakeLedger } from './ledger-under-contract.js';
import { contractOfMoves } from './moves.js';
import { contractOfNeighbours } from './neighbours.js';
import { contractOfNotes } from './notes.js';
import { contractOfOpenings } from './openings.js';
import { contractOfReading } from './reading.js';
import { contractOfReports } from './reports.js';
import { contractOfWishes } from './wishes.js';

/** What every ledger does, condition by condition: each has a case in which only it differs. */
export function describeLedger(name: string, makeEmpty: MakeLedger): void {
  const make = async (): Promise<LedgerUnderContract> => {
    const of = await makeEmpty();
    await of.addDistrict(DISTRICT);
    return of;
  };

  describe(`the ledger ${name}`, () => {
    contractOfMoves(make);
    contractOfNotes(make);
    contractOfOpenings(make);
    contractOfWishes(make);
    contractOfReading(make);
    contractOfConfirming(make);
    contractOfReports(make);
    contractOfLease(make);
    contractOfNeighbours(make);
  });
}
