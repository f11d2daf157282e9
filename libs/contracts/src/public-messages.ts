/* Every message that other teams may rely on: its schema, the topics it lies in, its key, and full samples of it. */
import type { TSchema } from '@sinclair/typebox';
import { encodeChange, encodeFence, encodeWatermark } from './change-messages.js';
import { ArchivedEvent, Fence, RecordEvent, Watermark } from './change-schemas.js';
import { DistrictEvent, encodeDistrictEvent } from './district-events.js';
import { DeadLetter, encodeDeadLetter } from './dead-letters.js';
import {
  CHANGE_SAMPLES,
  DEAD_LETTER_SAMPLES,
  DISTRICT_EVENT_SAMPLES,
  FENCE_SAMPLE,
  SNAPSHOT_SAMPLE,
  WATERMARK_SAMPLE,
} from './samples.js';
import { encodeSnapshotEvent, SnapshotEvent } from './snapshot-events.js';

export interface PublicMessage {
  /** Of its schema; with the version of the topic it is the schema's name for ever. */
  readonly name: string;
  readonly topic: 'changes' | 'snapshots' | 'deadLetters';
  readonly schema: TSchema;
  /** How its key is made. */
  readonly key: string;
  /** As on the wire. */
  readonly samples: readonly unknown[];
}

const onTheWire = ({ value }: { readonly value: Buffer }): unknown => JSON.parse(value.toString()) as unknown;
const isArchive = ({ verb }: { readonly verb: string }): boolean => verb === 'archived';

export const PUBLIC_MESSAGES: readonly PublicMessage[] = [
  {
    name: 'record-event',
    topic: 'changes',
    schema: RecordEvent,
    key: '<district>/<type>/<GG4L ID>',
    samples: CHANGE_SAMPLES.filter((change) => !isArchive(change)).map((change) =>
      onTheWire(encodeChange(change)),
    ),
  },
  {
    name: 'archived-event',
    topic: 'changes',
    schema: ArchivedEvent,
    key: '<district>/<type>/<GG4L ID>',
    samples: CHANGE_SAMPLES.filter(isArchive).map((change) => onTheWire(encodeChange(change))),
  },
  {
    name: 'watermark',
    topic: 'changes',
    schema: Watermark,
    key: '!watermark/<district>',
    samples: [onTheWire(encodeWatermark(WATERMARK_SAMPLE))],
  },
  {
    name: 'fence',
    topic: 'changes',
    schema: Fence,
    key: '!fence/<epoch>/<author>',
    samples: [onTheWire(encodeFence(FENCE_SAMPLE))],
  },
  {
    name: 'snapshot-event',
    topic: 'snapshots',
    schema: SnapshotEvent,
    key: '<district>',
    samples: [onTheWire(encodeSnapshotEvent(SNAPSHOT_SAMPLE))],
  },
  {
    name: 'district-event',
    topic: 'snapshots',
    schema: DistrictEvent,
    key: '!district/<district>',
    samples: DISTRICT_EVENT_SAMPLES.map((event) => onTheWire(encodeDistrictEvent(event))),
  },
  {
    name: 'dead-letter',
    topic: 'deadLetters',
    schema: DeadLetter,
    key: '<district>/<type>, or the topic it came from',
    samples: DEAD_LETTER_SAMPLES.map((letter) => onTheWire(encodeDeadLetter(letter))),
  },
];
