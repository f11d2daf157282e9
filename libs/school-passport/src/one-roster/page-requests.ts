import type { EntityType } from '#contracts';
import type { HttpAnswer } from '../http/http.client.js';
import type { SchoolPassportError } from '../school-passport.errors.js';
import type { DistrictAccess } from './district-access.js';

const MIN_LIMIT = 50;

/** The requests of one walk: sorted until the server refuses that, and with smaller pages once large ones fail. */
export class PageRequests {
  private isSorted = true;

  constructor(
    private readonly access: DistrictAccess,
    private readonly type: EntityType,
    private limit: number,
    private readonly signal: AbortSignal,
  ) {}

  async page(offset: number): Promise<HttpAnswer> {
    const answer = await this.ask(offset);
    // Only before the first page: another order in mid-walk would skip records.
    if (answer.status !== 400 || offset > 0 || !this.isSorted) return answer;
    this.isSorted = false;
    return this.ask(offset);
  }

  private ask(offset: number): Promise<HttpAnswer> {
    return this.access.get((last) => {
      if (last !== undefined) this.shrink(last);
      const sort = this.isSorted ? { sort: 'sourcedId', orderBy: 'asc' } : {};
      return { path: `/${this.type}`, query: { limit: String(this.limit), offset: String(offset), ...sort } };
    }, this.signal);
  }

  /** Deep pages can be too slow for a server: half as much is asked for from then on. */
  private shrink(last: SchoolPassportError): void {
    const isTooMuch = last.code === 'timeout' || (last.coordinates?.status ?? 0) >= 500;
    if (isTooMuch) this.limit = Math.min(this.limit, Math.max(MIN_LIMIT, Math.ceil(this.limit / 2)));
  }
}
