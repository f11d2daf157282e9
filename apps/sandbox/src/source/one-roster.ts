/*
 * The OneRoster 1.1 collections as School Passport documents them: `limit` 100 unless asked, never above 500, records
 * in order of id, X-Total-Count, and a Link header without angle brackets whose `next` is one row too far.
 */
import { ENTITY_TYPES } from '#contracts';
import { faultsBefore, faultyAsk, faultyPage, faultyReply, type Faults } from '../faults/faults.js';
import type { Page, PageAsk } from '../faults/fault-kinds.js';
import { failureReply, textReply, type Ask, type Reply } from '../http.js';
import type { Renderer } from '../roster/render.js';
import type { District } from '../sharing/district.js';
import type { Selection } from '../sharing/shared-view.js';

export const ONE_ROSTER_PATH = ['datahub', 'services', 'ims', 'oneroster', 'v1p1'] as const;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

const ROOTS: ReadonlyMap<string, Selection> = new Map<string, Selection>([
  ...ENTITY_TYPES.map((type): [string, Selection] => [type, { type }]),
  ['schools', { type: 'orgs', only: { attribute: 'type', value: 'school' } }],
  ['terms', { type: 'academicSessions', only: { attribute: 'type', value: 'term' } }],
  ['students', { type: 'users', only: { attribute: 'role', value: 'student' } }],
  ['teachers', { type: 'users', only: { attribute: 'role', value: 'teacher' } }],
]);
const SINGLE_ENVELOPES = {
  orgs: 'org',
  academicSessions: 'academicSession',
  courses: 'course',
  classes: 'class',
  users: 'user',
  demographics: 'demographics',
  enrollments: 'enrollment',
} as const;

export class OneRosterApi {
  constructor(
    private readonly oneRosterUrl: string,
    private readonly render: Renderer,
    private readonly faults: Faults,
  ) {}

  /** `path` is what follows the base path. */
  answer(district: District, path: readonly string[], ask: Ask): Reply {
    const [root = '', sourcedId, ...rest] = path;
    const selection = ROOTS.get(root);
    if (!selection || rest.length > 0) return failureReply(404, 'unknown collection');
    if (ask.method !== 'GET') return failureReply(405, 'read only');
    if (district.standing === 'suspended') return failureReply(403, 'the district is suspended');
    return sourcedId === undefined
      ? this.collection(district, root, selection, ask)
      : this.single(district, selection, sourcedId, ask);
  }

  private collection(district: District, root: string, selection: Selection, ask: Ask): Reply {
    const { query } = ask;
    const { type } = selection;
    const limit = numberOf(query.get('limit'), DEFAULT_LIMIT, 1);
    const offset = numberOf(query.get('offset'), 0, 0);
    if (limit === null || offset === null) return failureReply(400, 'limit or offset is not a number');
    const asked: PageAsk = { limit: Math.min(limit, MAX_LIMIT), offset };
    const occasion = { target: 'collection', districtId: district.id, entityType: type, offset } as const;
    const faults = this.faults.take(occasion);
    faultsBefore(faults, district, type, asked);
    const served = faultyAsk(faults, asked);
    const whole: Page = {
      rows: district.rows(selection, served.offset, served.limit, this.render),
      total: district.view.total(selection),
      envelope: type,
    };
    const page = faultyPage(faults, whole, asked);
    const rows = `[${page.rows.join(',')}]`;
    const text = page.envelope === null ? rows : `{"${page.envelope}":${rows}}`;
    return faultyReply(faults, textReply(text, 200, this.pagingHeaders(root, page.total, served)), ask);
  }

  private single(district: District, { type }: Selection, sourcedId: string, ask: Ask): Reply {
    const faults = this.faults.take({ target: 'record', districtId: district.id, entityType: type });
    const row = district.row(type, sourcedId, this.render);
    const reply = row
      ? textReply(`{"${SINGLE_ENVELOPES[type]}":${row}}`)
      : failureReply(404, 'unknown object');
    return faultyReply(faults, reply, ask);
  }

  private pagingHeaders(root: string, total: number | null, { limit, offset }: PageAsk): Reply['headers'] {
    if (total === null) return {};
    const link = (to: number, rel: string): string =>
      `${this.oneRosterUrl}/${root}?limit=${limit}&offset=${to}; rel="${rel}"`;
    const links = [link(0, 'first'), link(Math.max(0, total - limit), 'last')];
    if (offset > 0) links.push(link(Math.max(0, offset - limit), 'prev'));
    if (offset + limit < total) links.unshift(link(offset + limit + 1, 'next'));
    return { 'x-total-count': String(total), link: links.join(', ') };
  }
}

function numberOf(text: string | null, otherwise: number, least: number): number | null {
  if (text === null || text === '') return otherwise;
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= least ? number : null;
}
