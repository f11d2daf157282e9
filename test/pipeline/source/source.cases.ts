/*
 * Every fault of the source. Pages have 20 rows (users: 88), so that from row 40 on is in the middle of a pull; where
 * a page begins is the client's affair.
 */
import { mendType, oddIds, otherType, valueForms } from './odd-records.js';
import { aborted, completed, held, pulledAgain, type SourceCase } from './source-case.js';

const USERS = { entityType: 'users' } as const;
const MIDDLE = { ...USERS, fromOffset: 40 } as const;
/** Where 60 % of the users are read. */
const AT_60 = { ...USERS, fromOffset: 53 } as const;

const ANSWERS: readonly SourceCase[] = [
  { name: 'a page breaks off', faults: [{ kind: 'truncated', ...MIDDLE }], outcome: aborted(/not JSON/) },
  { name: 'a page is HTML with 200', faults: [{ kind: 'html-200', ...MIDDLE }], outcome: aborted(/HTML/) },
  {
    name: 'a page is {}',
    faults: [{ kind: 'unknown-shape', ...MIDDLE }],
    outcome: aborted(/no list of users/),
  },
  { name: 'a page is [] in mid-pull', faults: [{ kind: 'empty-array', ...MIDDLE }], outcome: aborted(/./) },
  { name: 'a page is empty in mid-pull', faults: [{ kind: 'empty-list', ...MIDDLE }], outcome: aborted(/./) },
  {
    name: 'a collection is []',
    faults: [{ kind: 'empty-array', ...USERS }],
    outcome: held('empty-collection'),
  },
  { name: 'collections are bare arrays', faults: [{ kind: 'bare-array' }], outcome: completed },
  { name: 'JSON is too deep', faults: [{ kind: 'deep-json', ...MIDDLE }], outcome: aborted(/./) },
  { name: 'a page unpacks to 256 MB', faults: [{ kind: 'gzip-bomb', ...MIDDLE }], outcome: aborted(/./) },
  { name: 'strings have ten megabytes', faults: [{ kind: 'huge-strings', ...USERS }], outcome: completed },
  {
    name: 'a proxy answers 502 for a while',
    faults: [{ kind: 'html-502', ...MIDDLE, times: 2 }],
    outcome: completed,
  },
];

const PAGING: readonly SourceCase[] = [
  { name: 'a page is repeated', faults: [{ kind: 'repeated-page', ...MIDDLE }], outcome: aborted(/./) },
  { name: 'offset is ignored', faults: [{ kind: 'ignored-offset', ...USERS }], outcome: aborted(/./) },
  { name: 'limit is clamped', faults: [{ kind: 'clamped-limit', limit: 7 }], outcome: completed },
  { name: 'pages come short', faults: [{ kind: 'short-pages' }], outcome: completed },
  { name: 'totals are missing', faults: [{ kind: 'no-totals' }], outcome: completed },
  { name: 'totals are wrong', faults: [{ kind: 'wrong-totals', ...USERS }], outcome: aborted(/total/) },
  { name: 'totals move', faults: [{ kind: 'moving-totals', ...USERS }], outcome: aborted(/total/) },
  {
    name: 'a record comes before the cursor in mid-pull',
    faults: [{ kind: 'insert-before-cursor', ...MIDDLE, times: 1 }],
    outcome: pulledAgain,
  },
  {
    name: 'a record goes before the cursor in mid-pull',
    faults: [{ kind: 'remove-before-cursor', ...MIDDLE, times: 1 }],
    outcome: pulledAgain,
  },
  {
    name: 'the readiness stamp moves in mid-pull',
    faults: [{ kind: 'stamp-moves', ...MIDDLE, times: 1 }],
    outcome: pulledAgain,
  },
];

const REFUSALS: readonly SourceCase[] = [
  { name: '500 at 60 %', faults: [{ kind: 'status', status: 500, ...AT_60 }], outcome: aborted(/500/) },
  {
    name: '500 at 60 % for a while',
    faults: [{ kind: 'status', status: 500, ...AT_60, times: 2 }],
    outcome: completed,
  },
  {
    name: 'a storm of 429 that names seconds',
    faults: [{ kind: 'status', status: 429, retryAfter: '1', ...MIDDLE, times: 3 }],
    outcome: completed,
  },
  {
    name: 'a storm of 429 that names a date',
    lateFault: () => {
      const retryAfter = new Date(Date.now() + 2_000).toUTCString();
      return { kind: 'status', status: 429, retryAfter, ...MIDDLE, times: 3 };
    },
    outcome: completed,
  },
  {
    name: 'a storm of 429 in HTML',
    faults: [{ kind: 'status', status: 429, retryAfter: '1', body: 'html', ...MIDDLE, times: 2 }],
    outcome: completed,
  },
  {
    name: '429 that asks for hours',
    faults: [{ kind: 'status', status: 429, retryAfter: '7200', ...MIDDLE }],
    // That credential is to wait for as long; others are not.
    mends: (sandbox, districtId) => sandbox.rotateCredentials(districtId),
    outcome: aborted(/429/),
  },
  {
    name: '401 in mid-pull, once',
    faults: [{ kind: 'status', status: 401, ...MIDDLE, times: 1 }],
    outcome: completed,
  },
  {
    name: '401 in mid-pull, for good',
    faults: [{ kind: 'status', status: 401, ...MIDDLE }],
    outcome: aborted(/refuses renewed credentials/),
  },
  {
    name: 'credentials rotate in mid-pull',
    faults: [{ kind: 'credentials-rotate', ...MIDDLE, times: 1 }],
    outcome: completed,
  },
  { name: '403 for users', faults: [{ kind: 'forbidden', ...USERS }], outcome: aborted(/403|forbid/) },
  {
    name: '403 for demographics that used to be granted',
    faults: [{ kind: 'forbidden', entityType: 'demographics' }],
    outcome: held('empty-collection'),
  },
  { name: '404 for users', faults: [{ kind: 'status', status: 404, ...USERS }], outcome: aborted(/404/) },
  {
    name: '404 for classes that used to be there',
    faults: [{ kind: 'status', status: 404, entityType: 'classes' }],
    outcome: held('empty-collection'),
  },
  {
    name: 'the token end answers with HTML',
    faults: [
      { kind: 'status', status: 401, ...MIDDLE, times: 1 },
      { kind: 'html-200', target: 'token' },
    ],
    outcome: aborted(/./),
  },
];

const CONNECTIONS: readonly SourceCase[] = [
  { name: 'answers drip', faults: [{ kind: 'drip', ...USERS }], outcome: completed },
  {
    name: 'an answer comes after the time-out',
    faults: [{ kind: 'slow', delayMs: 6_000, ...MIDDLE, times: 1 }],
    outcome: completed,
  },
  { name: 'connections are reset', faults: [{ kind: 'reset', ...MIDDLE, times: 2 }], outcome: completed },
  {
    name: 'connections are reset for good',
    faults: [{ kind: 'reset', ...MIDDLE }],
    outcome: aborted(/no answer/),
  },
];

const RECORDS: readonly SourceCase[] = [
  {
    name: 'ids have / | + %, spaces, emoji, differ only by case, or are 255 long',
    edits: oddIds,
    outcome: completed,
  },
  { name: 'values come in every form', edits: valueForms, outcome: completed },
  { name: 'an attribute changes its type', edits: otherType, mends: mendType, outcome: completed },
  {
    name: 'an id comes twice with different content',
    faults: [{ kind: 'repeat-id', ...MIDDLE }],
    outcome: aborted(/total/),
  },
  {
    name: 'an id comes twice with different content, and no totals',
    faults: [{ kind: 'no-totals' }, { kind: 'repeat-id', ...MIDDLE }],
    outcome: held('proof'),
  },
  {
    name: 'rows have no usable id',
    faults: [{ kind: 'no-usable-id', ...USERS, count: 2 }],
    outcome: held('unreadable'),
  },
];

export const SOURCE_CASES: readonly SourceCase[] = [
  ...ANSWERS,
  ...PAGING,
  ...REFUSALS,
  ...CONNECTIONS,
  ...RECORDS,
];
