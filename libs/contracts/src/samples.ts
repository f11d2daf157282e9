/** One full sample of every message that crosses a topic; a test validates each. People and schools are made up. */
import type { Change, FenceFields, WatermarkFields } from './change-messages.js';
import type { DeadLetterFields } from './dead-letters.js';
import type { DistrictEventFields } from './district-events.js';
import { NO_SCHOOL, schoolHash } from './hashes.js';
import type { RawMessage } from './raw-messages.js';
import type { Report, TypePlan } from './reports.js';
import type { SnapshotEventFields } from './snapshot-events.js';

const districtId = '5436ad48-ad48-4436-a766-1bf24a2ea1b5';
const generation = 1_790_000_000;
const run = { districtId, generation };
const place = { partition: 3, epoch: 1 };
const openedAt = '2026-09-21T14:13:20.000Z';
const xor = '0f1e2d3c4b5a6978';
const fingerprint = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const body = Buffer.from(
  '{"familyName":"Sample","givenName":"Sam","orgs":["north"],"role":"student","sourcedId":"s-1"}',
);

const plan: TypePlan = {
  active: 88,
  seen: 87,
  unchanged: 85,
  created: 1,
  updated: 1,
  refreshed: 0,
  restored: 0,
  stale: 2,
  withdrawn: 1,
  quarantined: 0,
  xor: { created: xor, updated: xor, restored: '0000000000000000', stale: xor },
  staleBySchool: { [schoolHash('north').toString('hex')]: 2 },
  staleIds: ['s-8', 's-9'],
  absent: { count: 1, ids: ['s-9'] },
};

export const RAW_SAMPLES: readonly RawMessage[] = [
  { kind: 'begin', ...run, openedAt, refresh: ['users'] },
  {
    kind: 'records',
    ...run,
    entityType: 'users',
    records: [
      {
        gg4lId: 's-1',
        fingerprint,
        withdrawn: false,
        quarantined: false,
        schoolHash: schoolHash('north'),
        dateLastModified: '2026-09-01T00:00:00.000Z',
        body,
      },
      {
        gg4lId: 'Ünï/|+ %40',
        fingerprint,
        withdrawn: true,
        quarantined: true,
        schoolHash: NO_SCHOOL,
        dateLastModified: '',
        body: Buffer.alloc(0),
      },
    ],
  },
  { kind: 'end', ...run, types: { users: { count: 2, xor } } },
  { kind: 'apply', ...run },
  { kind: 'sweep', ...run, orgs: [schoolHash('north').toString('hex')] },
  { kind: 'abort', ...run, reason: 'rejected' },
  { kind: 'ask', nonce: 'b7d1', run, epochs: { 0: 3, 1: 4 } },
  { kind: 'fence', epoch: 2, author: 'reconciler-1' },
];

export const REPORT_SAMPLES: readonly Report[] = [
  { kind: 'reading', ...run, types: { users: 500 } },
  { kind: 'read', ...run },
  { kind: 'read-failed', ...run, reason: 'GET /users answered 502 six times' },
  { kind: 'ready', ...place, nonce: 'b7d1' },
  { kind: 'planned', ...run, ...place, types: { users: plan } },
  { kind: 'applied', ...run, ...place, types: { users: { created: 1, updated: 1, restored: 0 } } },
  { kind: 'swept', ...run, ...place, types: { users: { archived: 2 } } },
  {
    kind: 'failed',
    ...run,
    ...place,
    marker: 'end',
    reason: 'users: 86 records arrived of 87 sent',
    highestGeneration: generation,
  },
  { kind: 'rebuilding', ...place },
  { kind: 'busy', ...place, phase: 'applying', run, types: { users: 500 } },
  { kind: 'passed', ...run, ...place, entityType: 'users' },
  {
    kind: 'drift',
    ...run,
    ...place,
    entityType: 'users',
    survived: false,
    expected: { active: 88, xor },
    found: { active: 87, xor },
  },
  { kind: 'shadow', districtId, entityType: 'users' },
];

const record = {
  districtId,
  entityType: 'users',
  gg4lId: 's-1',
  generation,
  epoch: 1,
  time: openedAt,
  fingerprint,
  schoolHash: schoolHash('north'),
} as const;

export const CHANGE_SAMPLES: readonly Change[] = [
  { ...record, verb: 'created', dateLastModified: '2026-09-01T00:00:00.000Z', body },
  { ...record, verb: 'updated', changed: ['familyName', 'orgs'], body },
  { ...record, verb: 'updated', cause: 'refresh', body },
  { ...record, verb: 'archived', cause: 'absent' },
  { ...record, verb: 'archived', cause: 'school-unshared' },
  { ...record, verb: 'archived', cause: 'refresh', archivedAt: '2026-06-30T02:10:00.000Z' },
  {
    ...record,
    verb: 'restored',
    schoolHash: NO_SCHOOL,
    changed: ['extensions'],
    archivedAt: '2026-06-30T02:10:00.000Z',
    body,
  },
];

export const WATERMARK_SAMPLE: WatermarkFields = {
  districtId,
  entityType: 'users',
  partition: 3,
  generation,
  epoch: 1,
  time: openedAt,
  active: 88,
  xor,
};

export const FENCE_SAMPLE: FenceFields = {
  entityType: 'users',
  partition: 3,
  epoch: 2,
  author: 'reconciler-1',
  time: openedAt,
};

export const SNAPSHOT_SAMPLE: SnapshotEventFields = {
  districtId,
  generation,
  moment: 'held',
  time: openedAt,
  data: {
    reason: 'users: 40 of 88 active records would be archived',
    digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    types: { users: { created: 0, updated: 0, restored: 0, archived: 40, unchanged: 48, quarantined: 0 } },
  },
};

export const DISTRICT_EVENT_SAMPLES: readonly DistrictEventFields[] = [
  {
    ...{ districtId, generation, moment: 'late', time: openedAt },
    data: { reason: 'no run was completed since 2026-09-20T03:02:11.000Z' },
  },
  {
    ...{ districtId, generation, moment: 'suspended', time: openedAt },
    data: { reason: 'gone from Discovery' },
  },
  { districtId, generation: 0, moment: 'active', time: openedAt, data: {} },
];

export const DEAD_LETTER_SAMPLES: readonly DeadLetterFields[] = [
  {
    origin: { kind: 'row', ...run, entityType: 'users', row: 17 },
    service: 'fetcher',
    reason: 'no usable sourcedId',
    contents: Buffer.from('{}'),
    at: openedAt,
  },
  {
    origin: { kind: 'message', topic: 'rollcall.raw.v1', partition: 3, offset: '42' },
    service: 'reconciler',
    reason: 'raw message: unknown layout',
    contents: Buffer.from([9]),
    at: openedAt,
  },
];
