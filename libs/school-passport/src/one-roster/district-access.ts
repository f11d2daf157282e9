/*
 * Requests to one district with its own token. A 401 renews the token once, then reads Discovery again once (the
 * credentials may have been rotated), then ends the pull: it is never read as "nobody there".
 */
import { HttpClient, type HttpAnswer } from '../http/http.client.js';
import { TokenClient } from '../http/token.client.js';
import { toSafeUrl } from '../http/urls.js';
import type { DistrictSource } from '../discovery/district-source.js';
import { SchoolPassportError } from '../school-passport.errors.js';

/** Finds a district anew: Discovery. */
export interface DistrictFinder {
  find(districtId: string): Promise<DistrictSource | null>;
}

/** Builds the path below the OneRoster base, and the query, of each try. */
export type NextTarget = (last: SchoolPassportError | undefined) => {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
};

export class DistrictAccess {
  private tokens: TokenClient;

  constructor(
    private source: DistrictSource,
    private readonly http: HttpClient,
    private readonly finder: DistrictFinder,
  ) {
    this.tokens = this.open(source);
  }

  /** Whether these are still the credentials it was opened with. */
  isFor({ tokenUrl, clientId, clientSecret, oneRosterUrl, allowHttp }: DistrictSource): boolean {
    const { source } = this;
    return (
      source.tokenUrl === tokenUrl &&
      source.clientId === clientId &&
      source.clientSecret === clientSecret &&
      source.oneRosterUrl === oneRosterUrl &&
      source.allowHttp === allowHttp
    );
  }

  /** Any answer but 401 and those worth another try. Throws SchoolPassportError. */
  async get(next: NextTarget, signal?: AbortSignal): Promise<HttpAnswer> {
    const first = await this.tryWith(next, signal);
    if (first !== undefined && first.status !== 401) return first;
    const second = first === undefined ? undefined : await this.tryWith(next, signal);
    if (second !== undefined && second.status !== 401) return second;
    await this.findAgain();
    const last = await this.tryWith(next, signal);
    if (last !== undefined && last.status !== 401) return last;
    throw new SchoolPassportError(
      'unauthorized',
      'the source refuses renewed credentials',
      last?.coordinates,
    );
  }

  /** `undefined`: the token end refuses the credentials. */
  private async tryWith(next: NextTarget, signal: AbortSignal | undefined): Promise<HttpAnswer | undefined> {
    const token = await this.token();
    if (token === undefined) return undefined;
    const answer = await this.http.send((_attempt, last) => {
      const { path, query } = next(last);
      const url = `${this.source.oneRosterUrl}${path}`;
      return { method: 'GET', url, query, headers: { authorization: `Bearer ${token}` } };
    }, signal);
    if (answer.status === 401) this.tokens.refuse(token);
    return answer;
  }

  private async token(): Promise<string | undefined> {
    try {
      return await this.tokens.get();
    } catch (error) {
      if (error instanceof SchoolPassportError && error.code === 'unauthorized') return undefined;
      throw error;
    }
  }

  private async findAgain(): Promise<void> {
    const found = await this.finder.find(this.source.districtId);
    if (found === null)
      throw new SchoolPassportError('unknown-district', 'the district is gone from Discovery');
    if (this.isFor(found)) return;
    this.tokens = this.open(found);
    this.source = found;
  }

  private open(source: DistrictSource): TokenClient {
    toSafeUrl('oneRosterUrl', source.oneRosterUrl, source.allowHttp);
    toSafeUrl('tokenUrl', source.tokenUrl, source.allowHttp);
    return new TokenClient(this.http, source);
  }
}
