/*
 * What can go wrong with an answer, one row per kind. A fault acts in up to four places: on the district before the
 * answer is made (`before`), on what is asked for (`ask`), on the page's rows and total (`page`), on the finished
 * answer (`reply`). A new kind is a new row, and a line in docs/sandbox.md.
 */
import { gzipSync } from 'node:zlib';
import { failureReply, jsonReply, textReply, type Ask, type Reply } from '../http.js';
import type { District } from '../sharing/district.js';
import { addBeforeFirst, omitRows, removeFirst, repeatId, spoilIds, swellRows } from './spoilt-rows.js';
import type { EntityType } from '#contracts';

export interface PageAsk {
  readonly limit: number;
  readonly offset: number;
}

export interface Page {
  /** Records as JSON texts. */
  readonly rows: readonly string[];
  /** null: no totals are sent. */
  readonly total: number | null;
  /** Name of the collection; null: a bare array. */
  readonly envelope: string | null;
}

/** What a fault is given to do its work with; each kind reads its own few. */
export interface FaultParameters {
  readonly status?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly limit?: number | undefined;
  readonly count?: number | undefined;
  /** Header of a refusal: seconds or an HTTP date. */
  readonly retryAfter?: string | undefined;
  /** Body of a refusal: OneRoster's JSON (default), or a proxy's page. */
  readonly body?: 'json' | 'html' | undefined;
}

export interface FaultKind {
  before?(district: District, type: EntityType, ask: PageAsk): void;
  ask?(ask: PageAsk, fault: FaultParameters): PageAsk;
  page?(page: Page, fault: FaultParameters, ask: PageAsk): Page;
  reply?(reply: Reply, fault: FaultParameters, asked: Ask): Reply;
}

const HTML =
  '<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Please wait</h1></body></html>';
const html = (status: number, headers: Reply['headers'] = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/html', ...headers },
  body: Buffer.from(HTML),
});
const refusal = (status: number, { retryAfter, body }: FaultParameters): Reply => {
  const reply = body === 'html' ? html(status) : failureReply(status, 'refused by a fault');
  return retryAfter ? { ...reply, headers: { ...reply.headers, 'retry-after': retryAfter } } : reply;
};
const GZIP_BOMB_BYTES = 256 * 1024 * 1024;
const DEPTH = 100_000;

export const FAULT_KINDS = {
  'empty-list': { page: (page) => ({ ...page, rows: [], total: 0 }) },
  echo: { reply: (_reply, fault, asked) => echo(fault.status ?? 500, asked) },
  status: { reply: (_reply, fault) => refusal(fault.status ?? 500, fault) },
  forbidden: { reply: (_reply, fault) => refusal(403, fault) },
  'html-200': { reply: () => html(200) },
  'html-502': { reply: () => html(502) },
  'unknown-shape': { reply: (reply) => textReply('{}', 200, reply.headers) },
  'not-json': { reply: (reply) => textReply('everything is fine', 200, reply.headers) },
  truncated: { reply: (reply) => ({ ...reply, body: reply.body.subarray(0, reply.body.length >>> 1) }) },
  'empty-array': { page: (page) => ({ ...page, rows: [], total: null, envelope: null }) },
  'bare-array': { page: (page) => ({ ...page, envelope: null }) },
  slow: { reply: (reply, { delayMs }) => ({ ...reply, delayMs: delayMs ?? 1000 }) },
  drip: { reply: (reply) => ({ ...reply, ending: 'drip' }) },
  reset: { reply: (reply) => ({ ...reply, ending: 'reset' }) },
  'gzip-bomb': { reply: (reply) => gzipBomb(reply) },
  'deep-json': { reply: (reply) => textReply('['.repeat(DEPTH) + ']'.repeat(DEPTH), 200, reply.headers) },
  'no-usable-id': { page: (page, { count }) => ({ ...page, rows: spoilIds(page.rows, count ?? 3) }) },
  'repeat-id': { page: (page) => ({ ...page, rows: repeatId(page.rows) }) },
  'omit-record': {
    ask: ({ limit, offset }, { count = 1 }) =>
      offset === 0 ? { offset, limit: limit + count } : { offset: offset + count, limit },
    page: (page, { count = 1 }, { offset }) => ({
      ...page,
      rows: offset === 0 ? omitRows(page.rows, count) : page.rows,
      total: page.total === null ? null : page.total - count,
    }),
  },
  'huge-strings': { page: (page, { count }) => ({ ...page, rows: swellRows(page.rows, count ?? 1) }) },
  'no-totals': { page: (page) => ({ ...page, total: null }) },
  'wrong-totals': { page: (page) => ({ ...page, total: (page.total ?? 0) + 7 }) },
  'moving-totals': { page: (page, _fault, { offset }) => ({ ...page, total: (page.total ?? 0) + offset }) },
  'clamped-limit': { ask: (ask, { limit }) => ({ ...ask, limit: Math.min(ask.limit, limit ?? 50) }) },
  'short-pages': { ask: (ask) => ({ ...ask, limit: Math.ceil(ask.limit * 0.6) }) },
  'repeated-page': { ask: (ask) => ({ ...ask, offset: Math.max(0, ask.offset - ask.limit) }) },
  'ignored-offset': { ask: (ask) => ({ ...ask, offset: 0 }) },
  'stamp-moves': { before: (district) => district.moveStamp() },
  'credentials-rotate': { before: (district) => district.rotateCredentials() },
  'remove-before-cursor': { before: (district, type, { offset }) => removeFirst(district, type, offset) },
  'insert-before-cursor': { before: (district, type, { offset }) => addBeforeFirst(district, type, offset) },
} as const satisfies Readonly<Record<string, FaultKind>>;

export type FaultKindName = keyof typeof FAULT_KINDS;

export function isFaultKind(value: unknown): value is FaultKindName {
  return typeof value === 'string' && Object.hasOwn(FAULT_KINDS, value);
}

/** A refusal that repeats whatever it was sent, credentials too, in its body and in a header. */
function echo(status: number, { method, authorization, body, query }: Ask): Reply {
  const [scheme = '', credentials = ''] = authorization.split(' ');
  const pair = scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString('utf8') : null;
  const sent = { method, authorization, pair, body, query: query.toString() };
  const headers = { 'www-authenticate': authorization, 'x-sent': encodeURIComponent(JSON.stringify(sent)) };
  return jsonReply({ error: 'refused by a fault', sent }, status, headers);
}

let bomb: Buffer | null = null; // made once: it takes a second

function gzipBomb(reply: Reply): Reply {
  bomb ??= gzipSync(Buffer.alloc(GZIP_BOMB_BYTES, 0x20));
  const body = bomb;
  return { ...reply, body, headers: { ...reply.headers, 'content-encoding': 'gzip' } };
}
