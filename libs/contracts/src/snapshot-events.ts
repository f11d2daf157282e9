import { createHash } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { Count, EntityTypeName, Generation } from './raw-messages.js';
import { checker, parseJson } from './validation.js';

/** States of a run in which it is not closed. */
export const OPEN_RUN_STATES = [
  'opened',
  'reading',
  'read',
  'planned',
  'confirming',
  'applying',
  'held',
  'sweeping',
] as const;
export const CLOSED_RUN_STATES = ['completed', 'rejected', 'superseded', 'expired', 'aborted'] as const;
export type OpenRunState = (typeof OPEN_RUN_STATES)[number];
export type ClosedRunState = (typeof CLOSED_RUN_STATES)[number];
export type RunState = OpenRunState | ClosedRunState;

/** What is told of a run's life: the states worth telling, and an approval. */
export const SNAPSHOT_MOMENTS = [
  'opened',
  'planned',
  'held',
  'approved',
  'completed',
  'rejected',
  'superseded',
  'expired',
  'aborted',
] as const;
export type SnapshotMoment = (typeof SNAPSHOT_MOMENTS)[number];

/** Counts of one type over all partitions. */
export const VerbCounts = Type.Object({
  created: Count,
  updated: Count,
  restored: Count,
  archived: Count,
  unchanged: Count,
  quarantined: Count,
});
export type VerbCounts = Static<typeof VerbCounts>;

/** A message of `roster.snapshots.v1`; key is the district. CloudEvents 1.0, structured JSON. */
export const SnapshotEvent = Type.Object(
  {
    specversion: Type.Literal('1.0', { description: 'of CloudEvents' }),
    id: Type.String({ minLength: 1, description: 'the same for every repeat' }),
    source: Type.String({
      pattern: '^/districts/[A-Za-z0-9._-]{1,64}$',
      description: '/districts/<district>',
    }),
    type: Type.String({ pattern: `^roster\\.snapshot\\.(${SNAPSHOT_MOMENTS.join('|')})$` }),
    subject: Type.String({ description: 'the generation' }),
    time: Type.String({ description: 'RFC 3339' }),
    generation: Generation,
    datacontenttype: Type.Literal('application/json'),
    data: Type.Object({
      reason: Type.Optional(
        Type.String({ description: 'why, in a sentence: of a hold, a rejection, an abort' }),
      ),
      digest: Type.Optional(Type.String({ description: "the plan's: what an approval names" })),
      types: Type.Optional(
        Type.Partial(Type.Record(EntityTypeName, VerbCounts), {
          description: 'from the plan on: what applying does (until completed: would do)',
        }),
      ),
    }),
  },
  { title: 'SnapshotEvent', description: 'A run came to a moment of its life.' },
);
export type SnapshotEvent = Static<typeof SnapshotEvent>;

export interface SnapshotEventFields {
  readonly districtId: string;
  readonly generation: number;
  readonly moment: SnapshotMoment;
  readonly time: string;
  readonly data: SnapshotEvent['data'];
}

export function encodeSnapshotEvent(fields: SnapshotEventFields): { key: string; value: Buffer } {
  const { districtId, generation, moment, time, data } = fields;
  const event: SnapshotEvent = {
    specversion: '1.0',
    id: createHash('sha256').update(`${districtId}\0${generation}\0${moment}`).digest('hex').slice(0, 32),
    source: `/districts/${districtId}`,
    type: `roster.snapshot.${moment}`,
    subject: String(generation),
    time,
    generation,
    datacontenttype: 'application/json',
    data,
  };
  return { key: districtId, value: Buffer.from(JSON.stringify(event)) };
}

const check = checker('snapshot event', SnapshotEvent);

/** Throws MalformedMessageError. */
export function decodeSnapshotEvent(bytes: Buffer): SnapshotEvent {
  return check(parseJson('snapshot event', bytes));
}
