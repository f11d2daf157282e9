/*
 * Requests to one district with its own credentials. A 401 renews the token once, then reads Discovery again once (the
 * credentials may have been rotated), then ends the pull: it is never read as "nobody there".
 */
import { isDeepStrictEqual } from 'node:util';
import { authorizerOf, type Authorizer } from '../auth/authorizer.js';
import type { DistrictSource, ServedDistrict } from '../discovery/district-source.js';
import { HttpClient, type HttpAnswer } from '../http/http.client.js';
import { toSafeUrl } from '../http/urls.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import type { Quirks } from './quirks.js';

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
  private authorizer: Authorizer;
  private finding: Promise<void> | undefined;
  private source: ServedDistrict;

  constructor(
    /** A pull goes on with it to its end, also when it was found anew meanwhile. */
    private readonly opened: ServedDistrict,
    private readonly http: HttpClient,
    private readonly finder: DistrictFinder,
  ) {
    this.source = opened;
    this.authorizer = this.open(opened);
  }

  /** Whether it is asked as when this was opened, or as when it was found last. */
  isFor(source: ServedDistrict): boolean {
    return isAskedAlike(this.opened, source) || isAskedAlike(this.source, source);
  }

  /** Any answer but 401 and those worth another try; `noticed` gains what that took. Throws SchoolPassportError. */
  async get(next: NextTarget, signal?: AbortSignal, noticed?: Quirks): Promise<HttpAnswer> {
    const used = this.authorizer;
    const first = await this.tryWith(next, signal, noticed);
    if (first !== undefined && first.status !== 401) return first;
    if (first !== undefined && this.authorizer.renews) {
      noticed?.add('token renewed after 401');
      const second = await this.tryWith(next, signal, noticed);
      if (second !== undefined && second.status !== 401) return second;
    }
    noticed?.add('credentials read again after 401');
    await this.findAgain(used);
    const last = await this.tryWith(next, signal, noticed);
    if (last !== undefined && last.status !== 401) return last;
    throw new SchoolPassportError(
      'unauthorized',
      'the source refuses renewed credentials',
      last?.coordinates,
    );
  }

  /** `undefined`: the token end refuses the credentials. */
  private async tryWith(
    next: NextTarget,
    signal: AbortSignal | undefined,
    noticed: Quirks | undefined,
  ): Promise<HttpAnswer | undefined> {
    const grant = await this.authorizer.grant();
    if (grant === undefined) return undefined;
    for (const quirk of grant.quirks) noticed?.add(quirk);
    const answer = await this.http.send((_attempt, last) => {
      const { path, query } = next(last);
      const url = `${this.source.oneRosterUrl}${path}`;
      return { method: 'GET', url, query, headers: { authorization: grant.header(url, query) } };
    }, signal);
    if (answer.status === 401) grant.refuse();
    return answer;
  }

  /** Once, however many requests were refused at the same time; `used`: what this one was refused with. */
  private async findAgain(used: Authorizer): Promise<void> {
    if (this.authorizer !== used) return;
    this.finding ??= this.find().finally(() => {
      this.finding = undefined;
    });
    await this.finding;
  }

  private async find(): Promise<void> {
    const found = await this.finder.find(this.source.districtId);
    if (found === null)
      throw new SchoolPassportError('unknown-district', 'the district is gone from Discovery');
    if (found.kind !== 'server' || found.version !== this.source.version)
      throw new SchoolPassportError('unknown-district', 'the district is read in another way now');
    if (found.oneRosterUrl !== this.source.oneRosterUrl)
      throw new SchoolPassportError('moved', 'the district is on another server now');
    if (isAskedAlike(this.source, found)) return;
    this.authorizer = this.open(found);
    this.source = found;
  }

  private open(source: ServedDistrict): Authorizer {
    toSafeUrl('oneRosterUrl', source.oneRosterUrl, source.allowHttp);
    if (source.auth.kind === 'oauth2') toSafeUrl('tokenUrl', source.auth.tokenUrl, source.allowHttp);
    return authorizerOf(source.auth, this.http);
  }
}

function isAskedAlike(one: ServedDistrict, other: ServedDistrict): boolean {
  return (
    one.oneRosterUrl === other.oneRosterUrl &&
    one.allowHttp === other.allowHttp &&
    isDeepStrictEqual(one.auth, other.auth)
  );
}
