import { Type, type Static } from '@sinclair/typebox';
import { DISTRICT_ID_PATTERN, ENTITY_TYPES, type EntityType } from './entity-types.js';

export const DistrictId = Type.String({ pattern: DISTRICT_ID_PATTERN });
/** JSON Schema takes 1e300 for an integer; what is above these is no number of ours, and fits no column. */
export const MAX_EPOCH = 2 ** 31 - 1;
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const Generation = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const Epoch = Type.Integer({ minimum: 1, maximum: MAX_EPOCH });
export const Hash64Hex = Type.String({ pattern: '^[0-9a-f]{16}$' });
export const EntityTypeName = Type.Union(ENTITY_TYPES.map((type) => Type.Literal(type)));

const run = { districtId: DistrictId, generation: Generation };

/** A snapshot starts; `openedAt` (RFC 3339) is the `time` of every event it leads to. */
export const BeginHeader = Type.Object({
  ...run,
  openedAt: Type.String(),
  refresh: Type.Array(EntityTypeName),
});
export const RecordsHeader = Type.Object({
  ...run,
  entityType: EntityTypeName,
  count: Count,
});
/** Per type, what was sent to this partition: distinct GG4L IDs and the xor of their record hashes. */
export const EndHeader = Type.Object({
  ...run,
  types: Type.Record(Type.String(), Type.Object({ count: Count, xor: Hash64Hex })),
});
export const ApplyHeader = Type.Object(run);
/** `orgs`: hashes of the stale orgs, which name the cause `school-unshared`. */
export const SweepHeader = Type.Object({ ...run, orgs: Type.Array(Hash64Hex) });
export const AbortHeader = Type.Object({ ...run, reason: Type.String() });
/** `epochs`: the highest heard of, by partition; a partition below its own has lost a FENCE. */
export const AskHeader = Type.Object({
  nonce: Type.String(),
  run: Type.Optional(Type.Object(run)),
  epochs: Type.Optional(Type.Record(Type.String(), Epoch)),
});
export const FenceHeader = Type.Object({ epoch: Epoch, author: Type.String() });

export interface RunKey {
  readonly districtId: string;
  readonly generation: number;
}

/** Distinct GG4L IDs and the xor of their record hashes (16 hex digits). */
export interface IdTally {
  readonly count: number;
  readonly xor: string;
}

export interface RawRecord {
  readonly gg4lId: string;
  /** 16 bytes. */
  readonly fingerprint: Buffer;
  readonly withdrawn: boolean;
  readonly quarantined: boolean;
  /** 8 bytes; `NO_SCHOOL` if none. */
  readonly schoolHash: Buffer;
  /** As the source sent it; empty if absent. */
  readonly dateLastModified: string;
  /** Canonical record, UTF-8; empty for a quarantined one. */
  readonly body: Buffer;
}

export type BeginMarker = RunKey & {
  readonly kind: 'begin';
  readonly openedAt: string;
  readonly refresh: readonly EntityType[];
};
export type RecordsMessage = RunKey & {
  readonly kind: 'records';
  readonly entityType: EntityType;
  readonly records: readonly RawRecord[];
};
export type EndMarker = RunKey & {
  readonly kind: 'end';
  readonly types: Readonly<Partial<Record<EntityType, IdTally>>>;
};
export type ApplyMarker = RunKey & { readonly kind: 'apply' };
export type SweepMarker = RunKey & { readonly kind: 'sweep'; readonly orgs: readonly string[] };
export type AbortMarker = RunKey & { readonly kind: 'abort'; readonly reason: string };
export type AskMarker = {
  readonly kind: 'ask';
  readonly nonce: string;
  readonly run?: RunKey;
  readonly epochs?: Readonly<Record<string, number>>;
};
export type FenceMarker = { readonly kind: 'fence'; readonly epoch: number; readonly author: string };

export type RawMarker =
  BeginMarker | EndMarker | ApplyMarker | SweepMarker | AbortMarker | AskMarker | FenceMarker;
/** Everything that travels in the raw log. */
export type RawMessage = RawMarker | RecordsMessage;

export type HeaderOf<S extends keyof typeof RAW_HEADERS> = Static<(typeof RAW_HEADERS)[S]>;

export const RAW_HEADERS = {
  begin: BeginHeader,
  records: RecordsHeader,
  end: EndHeader,
  apply: ApplyHeader,
  sweep: SweepHeader,
  abort: AbortHeader,
  ask: AskHeader,
  fence: FenceHeader,
} as const;
