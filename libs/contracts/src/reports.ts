import { Type, type Static } from '@sinclair/typebox';
import type { EntityType } from './entity-types.js';
import { Count, DistrictId, EntityTypeName, Epoch, Generation, Hash64Hex } from './raw-messages.js';
import { checker, parseJson } from './validation.js';

const run = { districtId: DistrictId, generation: Generation };
const place = { partition: Count, epoch: Epoch };
/** Keys are entity types. */
const perType = <T extends Parameters<typeof Type.Record>[1]>(schema: T) =>
  Type.Record(EntityTypeName, schema);

/** What applying would do to one type in one partition. Xors: of record hashes; of watermark terms for created, updated. */
export const TypePlan = Type.Object({
  active: Count,
  seen: Count,
  unchanged: Count,
  created: Count,
  updated: Count,
  restored: Count,
  /** Unchanged ones that are sent again because BEGIN asks for it (`refresh`). */
  refreshed: Count,
  /** Active and not in `seen` (absent or withdrawn). */
  stale: Count,
  withdrawn: Count,
  quarantined: Count,
  xor: Type.Object({ created: Hash64Hex, updated: Hash64Hex, restored: Hash64Hex, stale: Hash64Hex }),
  /** Stale records by the hash of their school's id. */
  staleBySchool: Type.Record(Type.String(), Count),
  /** Up to 50 GG4L IDs that would be archived; of orgs all. */
  staleIds: Type.Array(Type.String()),
  /** Those of `stale` that are not withdrawn, and up to 50 of their GG4L IDs. */
  absent: Type.Optional(Type.Object({ count: Count, ids: Type.Array(Type.String()) })),
});
export type TypePlan = Static<typeof TypePlan>;

/** The fetcher's progress: rows received so far per type. */
export const ReadingReport = Type.Object({
  kind: Type.Literal('reading'),
  ...run,
  types: Type.Partial(perType(Count)),
});
/** The fetcher has read everything and written its proof to the ledger. */
export const ReadReport = Type.Object({ kind: Type.Literal('read'), ...run });
/** The fetcher gave up; the ledger has the reason. */
export const ReadFailedReport = Type.Object({
  kind: Type.Literal('read-failed'),
  ...run,
  reason: Type.String(),
});
export const ReadyReport = Type.Object({ kind: Type.Literal('ready'), ...place, nonce: Type.String() });
export const PlannedReport = Type.Object({
  kind: Type.Literal('planned'),
  ...run,
  ...place,
  types: Type.Partial(perType(TypePlan)),
});
export const AppliedReport = Type.Object({
  kind: Type.Literal('applied'),
  ...run,
  ...place,
  types: Type.Partial(perType(Type.Object({ created: Count, updated: Count, restored: Count }))),
});
export const SweptReport = Type.Object({
  kind: Type.Literal('swept'),
  ...run,
  ...place,
  types: Type.Partial(perType(Type.Object({ archived: Count }))),
});
/** A marker could not be followed. `highestGeneration`: the highest this partition knows of the district, 0 if none. */
export const FailedReport = Type.Object({
  kind: Type.Literal('failed'),
  ...run,
  ...place,
  marker: Type.Union([
    Type.Literal('end'),
    Type.Literal('apply'),
    Type.Literal('sweep'),
    Type.Literal('ask'),
  ]),
  reason: Type.String(),
  highestGeneration: Count,
});
export const RebuildingReport = Type.Object({ kind: Type.Literal('rebuilding'), ...place });
/** Sent every 5 s while a partition works; counts for every run that waits on it. */
export const BusyReport = Type.Object({
  kind: Type.Literal('busy'),
  ...place,
  phase: Type.Union([
    Type.Literal('planning'),
    Type.Literal('applying'),
    Type.Literal('sweeping'),
    Type.Literal('rebuilding'),
  ]),
  run: Type.Optional(Type.Object(run)),
  types: Type.Optional(Type.Partial(perType(Count))),
});
/** Postgres holds everything above this watermark. */
export const PassedReport = Type.Object({
  kind: Type.Literal('passed'),
  ...run,
  ...place,
  entityType: EntityTypeName,
});
/** Rows differ from what the watermark says. `survived`: also after the topic was read again, so a refresh is due. */
export const DriftReport = Type.Object({
  kind: Type.Literal('drift'),
  ...run,
  ...place,
  entityType: EntityTypeName,
  survived: Type.Boolean(),
  expected: Type.Object({ active: Count, xor: Hash64Hex }),
  found: Type.Object({ active: Count, xor: Hash64Hex }),
});
export const ShadowReport = Type.Object({
  kind: Type.Literal('shadow'),
  districtId: DistrictId,
  entityType: EntityTypeName,
});

export const Report = Type.Union([
  ReadingReport,
  ReadReport,
  ReadFailedReport,
  ReadyReport,
  PlannedReport,
  AppliedReport,
  SweptReport,
  FailedReport,
  RebuildingReport,
  BusyReport,
  PassedReport,
  DriftReport,
  ShadowReport,
]);
export type Report = Static<typeof Report>;
export type ReportKind = Report['kind'];
export type ReportOf<K extends ReportKind> = Extract<Report, { kind: K }>;

const checkReport = checker('report', Report);

/** The key of a report: its district, where it has one. */
export function reportKey(report: Report): string | null {
  return 'districtId' in report ? report.districtId : null;
}

export function encodeReport(report: Report): Buffer {
  return Buffer.from(JSON.stringify(report));
}

/** Throws MalformedMessageError. */
export function decodeReport(bytes: Buffer): Report {
  return checkReport(parseJson('report', bytes));
}

export type PerType<T> = Readonly<Partial<Record<EntityType, T>>>;
