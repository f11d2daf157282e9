/*
 * A fixed sequence of messages and what a consumer that reads it must end with. What contract.md asks of a consumer
 * comes up, but for what fresh topics cannot show: repeats, what is late, fences and what zombies write behind them,
 * shadows, poison, later versions, tombstones and what comes back, first read, watermarks that hold, that differ, and
 * that say nothing. The expectation is written by hand.
 */
import type { EntityType } from '../entity-types.js';
import { backlog, D, E, G, live, of, Script, TYPES, type Verdict } from './script.js';
import {
  fingerprintOf,
  PARTITIONS,
  type ConformanceMessage,
  type Ref,
  type SequenceChange,
} from './sequence.js';

export interface ExpectedRecord {
  readonly districtId: string;
  readonly type: EntityType;
  readonly gg4lId: string;
  readonly partition: number;
  readonly generation: number;
  readonly active: boolean;
  readonly fingerprint: string;
}

export interface Conformance {
  readonly partitions: number;
  readonly types: readonly EntityType[];
  readonly messages: readonly ConformanceMessage[];
  readonly expected: {
    readonly records: readonly ExpectedRecord[];
    /** A tombstone came: not in the copy, active or archived. */
    readonly gone: readonly Pick<ExpectedRecord, 'districtId' | 'type' | 'gg4lId'>[];
    readonly deadLetters: readonly Ref[];
    /** `equal` and `differs`: compared; `not compared`: fenced, overtaken, or not the last of a first read. */
    readonly watermarks: readonly (Ref & { readonly verdict: Verdict })[];
    /** By district, at the end of each part. */
    readonly complete: Readonly<Record<ConformanceMessage['part'], Readonly<Record<string, number>>>>;
  };
}

export function conformance(): Conformance {
  const script = new Script();
  backlog(script);
  live(script);
  const { a, b, c, f, x, y, z, odd, k } = script;
  const record = (type: EntityType, partition: number, change: SequenceChange): ExpectedRecord => ({
    ...{ districtId: change.district, type, gg4lId: change.id, partition, generation: change.generation },
    active: change.verb !== 'archived',
    fingerprint: fingerprintOf(change),
  });
  return {
    partitions: PARTITIONS,
    types: TYPES,
    messages: script.sequence.messages,
    expected: {
      records: [
        record('classes', 0, of('created', k, 100)),
        record('users', 0, of('restored', b, 400, { name: 'Bea' })),
        record('users', 0, of('archived', c, 600, { district: E })),
        record('users', 0, of('updated', f, 700, { name: 'Flo' })),
        record('users', 0, of('archived', y, 400)),
        record('users', 0, of('created', z, 90, { district: G, name: 'Zora' })),
        record('users', 1, of('created', odd, 100)),
      ],
      gone: [x, a].map((gg4lId) => ({ districtId: D, type: 'users', gg4lId })),
      deadLetters: script.deadLetters,
      watermarks: script.watermarks,
      complete: { backlog: { [D]: 400, [E]: 100 }, live: { [D]: 700, [E]: 600 } },
    },
  };
}
