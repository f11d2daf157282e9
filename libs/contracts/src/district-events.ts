import { createHash } from 'node:crypto';
import { Type, type Static } from '@sinclair/typebox';
import { checker, parseJson } from './validation.js';

/** What is told of a district besides its runs: it may be pulled (again), it may not, it had no completed run for long. */
export const DISTRICT_MOMENTS = ['active', 'suspended', 'late'] as const;
export type DistrictMoment = (typeof DISTRICT_MOMENTS)[number];

/** A message of `roster.snapshots.v1` beside those of runs; key is `!district/<district>`. CloudEvents 1.0. */
export const DistrictEvent = Type.Object(
  {
    specversion: Type.Literal('1.0', { description: 'of CloudEvents' }),
    id: Type.String({ minLength: 1, description: 'the same for every repeat' }),
    source: Type.String({
      pattern: '^/districts/[A-Za-z0-9._-]{1,64}$',
      description: '/districts/<district>',
    }),
    type: Type.String({ pattern: `^roster\\.district\\.(${DISTRICT_MOMENTS.join('|')})$` }),
    time: Type.String({ description: 'RFC 3339' }),
    datacontenttype: Type.Literal('application/json'),
    data: Type.Object({
      reason: Type.Optional(Type.String({ description: 'why, in a sentence: of a suspension, a lateness' })),
      generation: Type.Optional(
        Type.Integer({ minimum: 1, description: 'of the last completed run, if there is one' }),
      ),
    }),
  },
  { title: 'DistrictEvent', description: 'A district came, was suspended, came back, or is late.' },
);
export type DistrictEvent = Static<typeof DistrictEvent>;

export interface DistrictEventFields {
  readonly districtId: string;
  /** Of the last completed run; 0: there is none. */
  readonly generation: number;
  readonly moment: DistrictMoment;
  readonly time: string;
  readonly data: { readonly reason?: string };
}

export function isDistrictEvent<T extends { readonly moment: string }>(
  fields: T,
): fields is Extract<T, { readonly moment: DistrictMoment }> {
  return (DISTRICT_MOMENTS as readonly string[]).includes(fields.moment);
}

export function encodeDistrictEvent(fields: DistrictEventFields): { key: string; value: Buffer } {
  const { districtId, generation, moment, time, data } = fields;
  const event: DistrictEvent = {
    specversion: '1.0',
    id: createHash('sha256').update(`${districtId}\0${moment}\0${time}`).digest('hex').slice(0, 32),
    source: `/districts/${districtId}`,
    type: `roster.district.${moment}`,
    time,
    datacontenttype: 'application/json',
    data: { ...data, ...(generation === 0 ? {} : { generation }) },
  };
  // Another key than the runs': compaction keeps the last message of each.
  return { key: `!district/${districtId}`, value: Buffer.from(JSON.stringify(event)) };
}

const check = checker('district event', DistrictEvent);

/** Throws MalformedMessageError. */
export function decodeDistrictEvent(bytes: Buffer): DistrictEvent {
  return check(parseJson('district event', bytes));
}
