/// <reference types="node" preserve="true" />
export { ChangeLoop } from './following/change-loop.js';
export type { Applied } from './following/change-step.js';
export {
  decodeEntries,
  type ChangeEntry,
  type Entry,
  type TombstoneEntry,
} from './following/decode-entries.js';
export {
  foldChanges,
  type ArchiveRow,
  type FoldedChanges,
  type ForgottenRow,
  type RecordRow,
} from './following/fold-changes.js';
export {
  PlaceStoppedError,
  RefusedRowsError,
  TooManyDeadLettersError,
  TurnOverError,
  type CopyReport,
  type DeadLetterLimit,
  type FenceAt,
  type LoopPorts,
  type Outlet,
  type OvertakenEvent,
  type PassedWatermark,
  type Place,
  type RosterStore,
  type RowsDigest,
  type Standing,
  type Turn,
} from './following/ports.js';
export { FileState, type FileStateOptions } from './handlers/file.state.js';
export type { CountCopy } from './handlers/handler.store.js';
export type {
  ArchiveChange,
  ChangeHandlers,
  ForgottenRecord,
  Handlers,
  RecordChange,
} from './handlers/handlers.js';
export { MemoryState } from './handlers/memory.state.js';
export type { ConsumerState, KeptRecord, RecordKey } from './handlers/state.js';
export type { Drift, HandlerOptions, RosterConsumerOptions, Shadow, StoreOptions } from './options.js';
export type { Completed } from './progress/completeness.js';
export type { PassedLine, Progress } from './progress/progress.js';
export { RosterConsumer } from './roster-consumer.js';
export {
  ENTITY_TYPES,
  hash64,
  watermarkTerm,
  XorSum,
  type ArchivedEvent,
  type DeadLetter,
  type EntityType,
  type RecordEvent,
} from '#contracts';
export type { KafkaSettings } from '#kafka';
