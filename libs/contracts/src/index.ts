export { DISTRICT_ID_PATTERN, ENTITY_TYPES, isEntityType, type EntityType } from './entity-types.js';
export {
  DEFAULT_NAMESPACE,
  TOPIC_CONFIG,
  topicNames,
  topicSpecs,
  type TopicNames,
  type TopicRole,
  type TopicSpec,
} from './topics.js';
export { hash64, NO_SCHOOL, partitionOf, recordHash, schoolHash, watermarkTerm, XorSum } from './hashes.js';
export { checker, MalformedMessageError, parseJson } from './validation.js';
export { MAX_EPOCH } from './raw-messages.js';
export type {
  AbortMarker,
  ApplyMarker,
  AskMarker,
  BeginMarker,
  EndMarker,
  FenceMarker,
  IdTally,
  RawMarker,
  RawMessage,
  RawRecord,
  RecordsMessage,
  RunKey,
  SweepMarker,
} from './raw-messages.js';
export {
  decodeRawMessage,
  encodeRawMessage,
  MAX_RECORD_BYTES,
  MAX_RECORDS_MESSAGE_BYTES,
  MAX_RECORDS_PER_MESSAGE,
  RAW_LAYOUT,
  rawRecordBytes,
} from './raw-codec.js';
export {
  decodeReport,
  encodeReport,
  Report,
  reportKey,
  TypePlan,
  type PerType,
  type ReportKind,
  type ReportOf,
} from './reports.js';
export {
  ARCHIVE_CAUSES,
  ArchivedEvent,
  CHANGE_VERBS,
  Fence,
  RecordEvent,
  Watermark,
  type ArchiveCause,
  type ChangeCause,
  type ChangeVerb,
} from './change-schemas.js';
export {
  changeEventId,
  changeKey,
  decodeChangeKey,
  decodeChangeMessage,
  decodeWatermarkKey,
  encodeChange,
  encodeFence,
  encodeWatermark,
  UnknownTypeError,
  watermarkKey,
  type Change,
  type ChangeMessage,
  type EncodedMessage,
  type FenceFields,
  type WatermarkFields,
} from './change-messages.js';
export { asyncApi, jsonSchema } from './async-api.js';
export { breakingChanges } from './compatibility.js';
export { conformance, type Conformance, type ExpectedRecord } from './conformance/conformance.js';
export type { ConformanceMessage } from './conformance/sequence.js';
export { testVectors, type TestVectors } from './conformance/vectors.js';
export { PUBLIC_MESSAGES, type PublicMessage } from './public-messages.js';
export {
  decodeDistrictEvent,
  DistrictEvent,
  encodeDistrictEvent,
  isDistrictEvent,
  type DistrictEventFields,
  type DistrictMoment,
} from './district-events.js';
export {
  CLOSED_RUN_STATES,
  decodeSnapshotEvent,
  encodeSnapshotEvent,
  OPEN_RUN_STATES,
  SNAPSHOT_MOMENTS,
  SnapshotEvent,
  VerbCounts,
  type ClosedRunState,
  type OpenRunState,
  type RunState,
  type SnapshotEventFields,
  type SnapshotMoment,
} from './snapshot-events.js';
export {
  DeadLetter,
  decodeDeadLetter,
  encodeDeadLetter,
  MAX_DEAD_LETTER_BYTES,
  type DeadLetterFields,
  type DeadLetterOrigin,
} from './dead-letters.js';
