import type { EntityType } from '#contracts';
import type { HttpAnswer } from '../http/http.client.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import type { DistrictAccess, NextTarget } from './district-access.js';
import type { Quirk, Quirks } from './quirks.js';

const MIN_LIMIT = 50;

export interface PageAnswer extends HttpAnswer {
  /** How many rows were asked for. */
  readonly limit: number;
}

/** The requests of one walk: sorted until the server refuses that, and with smaller pages once large ones fail. */
export class PageRequests {
  private isSorted = true;

  constructor(
    private readonly access: DistrictAccess,
    private readonly type: EntityType,
    /** Rows asked for from now on. */
    public limit: number,
    private readonly quirks: Quirks,
  ) {}

  async page(offset: number, signal: AbortSignal): Promise<PageAnswer> {
    const answer = await this.ask(offset, signal);
    // Only before the first page: another order in mid-walk would skip records.
    if (answer.status !== 400 || offset > 0 || !this.isSorted) return answer;
    this.isSorted = false;
    this.quirks.add('sort refused');
    return this.ask(offset, signal);
  }

  private async ask(offset: number, signal: AbortSignal): Promise<PageAnswer> {
    let { limit } = this;
    const next = (last: SchoolPassportError | undefined): ReturnType<NextTarget> => {
      if (last !== undefined) this.failed(last, limit);
      limit = this.limit;
      const sort = this.isSorted ? { sort: 'sourcedId', orderBy: 'asc' } : {};
      return { path: `/${this.type}`, query: { limit: String(limit), offset: String(offset), ...sort } };
    };
    try {
      return { ...(await this.access.get(next, signal, this.quirks)), limit };
    } catch (error) {
      // No other try followed that could tell of it.
      if (error instanceof SchoolPassportError) this.noteWait(error);
      throw error;
    }
  }

  private noteWait({ retryAfterMs }: SchoolPassportError): void {
    if (retryAfterMs !== undefined) this.quirks.add('asked to wait');
  }

  /** Deep pages can be too slow for a server: half as much is asked for from then on. */
  private failed(last: SchoolPassportError, limit: number): void {
    const status = last.coordinates?.status ?? 0;
    this.noteWait(last);
    this.quirks.add(retriedAfter(last));
    const isTooMuch = last.code === 'timeout' || status >= 500;
    if (!isTooMuch) return;
    // Half of what failed, not of what is asked for by now: pages under way together fail together.
    const smaller = Math.min(this.limit, Math.max(MIN_LIMIT, Math.ceil(limit / 2)));
    if (smaller < this.limit) this.quirks.add('smaller pages asked for');
    this.limit = smaller;
  }
}

function retriedAfter({ code, coordinates }: SchoolPassportError): Quirk {
  if (code === 'timeout') return 'retried after a time-out';
  return code === 'network'
    ? 'retried after a broken connection'
    : `retried after ${coordinates?.status ?? 0}`;
}
