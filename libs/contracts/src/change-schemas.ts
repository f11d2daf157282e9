/*
 * The public contract: CloudEvents 1.0, structured JSON, in `roster.<type>.v1`. `generation` is the version: apply an
 * event only if it is higher than what is stored. `data` is the canonical record, byte for byte as fingerprinted.
 */
import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { ENTITY_TYPES } from './entity-types.js';
import { Epoch, Generation, Hash64Hex } from './raw-messages.js';

export const CHANGE_VERBS = ['created', 'updated', 'archived', 'restored'] as const;
export type ChangeVerb = (typeof CHANGE_VERBS)[number];
export const ARCHIVE_CAUSES = ['absent', 'withdrawn', 'school-unshared'] as const;
export type ArchiveCause = (typeof ARCHIVE_CAUSES)[number];
/** Why an event was sent: of an archive its cause; `refresh` where nothing changed and the log is being mended. */
export type ChangeCause = ArchiveCause | 'refresh';

function described<S extends TSchema>(schema: S, description: string): S {
  return { ...schema, description };
}

const typeNames = ENTITY_TYPES.join('|');
const Refresh = Type.Literal('refresh', {
  description: 'repeats what is known, to mend the log; nothing is new but the generation',
});

const envelope = {
  specversion: Type.Literal('1.0', { description: 'of CloudEvents' }),
  id: Type.String({ minLength: 1, description: 'the same for every repeat' }),
  source: Type.String({
    pattern: '^/districts/[A-Za-z0-9._-]{1,64}$',
    description: '/districts/<district>',
  }),
  time: Type.String({
    description: 'RFC 3339; when the run was opened: the same for all changes of a run, and in a repeat',
  }),
  generation: described(
    Generation,
    'the snapshot that brought the change; rises per district. This is the version',
  ),
  epoch: described(Epoch, "of the writer's index; compared with fences only"),
};
const recordFields = {
  ...envelope,
  subject: Type.String({
    minLength: 1,
    maxLength: 255,
    description: 'the GG4L ID: opaque, case-sensitive, any character',
  }),
  fingerprint: Type.String({
    pattern: '^[0-9a-f]{32}$',
    description:
      'first 16 bytes of SHA-256 over `1\\n` and the canonical record (RFC 8785), in hex; of an archive the last one known',
  }),
  school: Type.Optional(
    described(
      Hash64Hex,
      "first 8 bytes of SHA-256 of the school's GG4L ID in UTF-8, in hex, if the record has exactly one school",
    ),
  ),
};

export const RecordEvent = Type.Object(
  {
    ...recordFields,
    type: Type.String({ pattern: `^roster\\.(${typeNames})\\.(created|updated|restored)$` }),
    datacontenttype: Type.Literal('application/json'),
    datelastmodified: Type.Optional(
      Type.String({ description: 'as the source sent it; not compared, not trusted' }),
    ),
    cause: Type.Optional(Refresh),
    changed: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9]+(,[A-Za-z0-9]+)*$',
        description:
          'of `updated` and `restored`: the attributes of `data` that are other, new or gone, by name, separated by commas; left out where it is not known, and where nothing changed',
      }),
    ),
    archivedat: Type.Optional(
      Type.String({
        description:
          'of `restored`: when it was archived, the `time` of that event; left out where it is not known',
      }),
    ),
    data: Type.Object(
      { sourcedId: Type.String() },
      {
        additionalProperties: true,
        description:
          "the canonical record: OneRoster's attribute names, references as plain ids, empty values left out, everything OneRoster does not name under `extensions`",
      },
    ),
  },
  { title: 'RecordEvent', description: 'A record was created, updated or restored: the full record.' },
);
export type RecordEvent = Static<typeof RecordEvent>;

export const ArchivedEvent = Type.Object(
  {
    ...recordFields,
    type: Type.String({ pattern: `^roster\\.(${typeNames})\\.archived$` }),
    cause: Type.Union([
      Type.Literal('absent', { description: 'not in the snapshot' }),
      Type.Literal('withdrawn', { description: '`tobedeleted` or `inactive` in the snapshot' }),
      Type.Literal('school-unshared', { description: 'its school went with it' }),
      Refresh,
    ]),
    archivedat: Type.Optional(
      Type.String({
        description:
          'of `refresh`: when it was archived, the `time` of that event; left out where it is not known',
      }),
    ),
  },
  { title: 'ArchivedEvent', description: 'A record is no longer shared. Names it and the cause; no body.' },
);
export type ArchivedEvent = Static<typeof ArchivedEvent>;

export const Watermark = Type.Object(
  {
    ...envelope,
    type: Type.String({ pattern: `^roster\\.(${typeNames})\\.watermark$` }),
    datacontenttype: Type.Literal('application/json'),
    data: Type.Object({
      partition: Type.Integer({ minimum: 0, description: 'the partition it lies in' }),
      active: Type.Integer({
        minimum: 0,
        description: 'records that are active, of this district, type and partition',
      }),
      xor: described(
        Hash64Hex,
        "of the active records' terms: SHA-256 of `gg4lId \\0 fingerprint`, first 8 bytes",
      ),
    }),
  },
  {
    title: 'Watermark',
    description: 'Everything of this district, type and partition up to `generation` is above this line.',
  },
);
export type Watermark = Static<typeof Watermark>;

export const Fence = Type.Object(
  {
    specversion: envelope.specversion,
    id: envelope.id,
    source: Type.String({ pattern: '^/partitions/[0-9]+$', description: '/partitions/<partition>' }),
    type: Type.String({ pattern: `^roster\\.(${typeNames})\\.fence$` }),
    time: Type.String({ description: 'RFC 3339' }),
    epoch: Epoch,
    datacontenttype: Type.Literal('application/json'),
    data: Type.Object({ author: Type.String({ minLength: 1 }) }),
  },
  {
    title: 'Fence',
    description: 'From here on, ignore events and watermarks of this partition with a lower epoch.',
  },
);
export type Fence = Static<typeof Fence>;
