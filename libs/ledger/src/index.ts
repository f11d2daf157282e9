export { LedgerConnection, type Statements } from './ledger-connection.js';
export { ReadingLedger } from './reading.store.js';
export type { ClaimedRun, Proof, ProofPoint, ProofState, Reading, ReferenceShares } from './readings.js';
