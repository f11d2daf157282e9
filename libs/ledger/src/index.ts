export { LedgerConnection, type Statements } from './ledger-connection.js';
export { LONGEST_LEASE_MS } from './longest-lease.js';
export { ReadingLedger } from './reading.store.js';
export type { ErasedKeys } from './erased.js';
export { ConfirmingLedger } from './confirming.store.js';
export type {
  Absent,
  ClaimedConfirmation,
  ClaimedRun,
  Confirmation,
  KnownVersions,
  MaskedShares,
  Proof,
  ProofPoint,
  ProofState,
  Reading,
  ReadRetry,
  QuarantinedRecord,
  ReferenceShares,
  WarningCounts,
} from './readings.js';
export {
  DistrictLedger,
  type ChangedDistrict,
  type KnownDistrict,
  type LateDistrict,
  type ListedDistrict,
  type ReplacedSettings,
  type ScheduledDistrict,
} from './district.store.js';
export { LedgerViews, type LedgerViewRow, type OpenRunRow } from './ledger-view.store.js';
export { OpeningLedger } from './opening.store.js';
export { ReportLedger } from './reports.store.js';
export { UpkeepLedger } from './upkeep.store.js';
export { SettlementLedger, type JudgedPlan, type PlanState } from './settlement.store.js';
export type { Hold, Retries, RunCause, Wish } from './wishes.js';
export { ConsoleLedger } from './console.store.js';
export type { DistrictSummary, Drift, RosterName, RunDetail, RunSummary } from './console-rows.js';
export { isTransientLedgerError } from './transient.js';
