import type { Faults } from '../faults/faults.js';
import { faultyReply } from '../faults/faults.js';
import { failureReply, jsonReply, type Ask, type Reply } from '../http.js';
import type { District } from '../sharing/district.js';
import { isSchoolPassport } from '../sharing/service-kind.js';
import { Access } from './access.js';
import { ONE_ROSTER_PATH, type OneRosterApi } from './one-roster.js';

const TOKEN_PATH = 'datahub/oauth/token';
const DISCOVERY_PATH = 'datahub/services/vendor/onboarding/credentials';
const UNAUTHORIZED = { error: 'invalid_token', error_description: 'Invalid access token' };

/** The look-alike's public face: token, Discovery, and each district's OneRoster collections behind its own token. */
export class SchoolPassport {
  constructor(
    private readonly url: string,
    private readonly districts: ReadonlyMap<string, District>,
    private readonly access: Access,
    private readonly faults: Faults,
    private readonly oneRoster: OneRosterApi,
  ) {}

  answer(ask: Ask): Reply {
    const path = ask.path.join('/');
    if (path === TOKEN_PATH) return ask.method === 'POST' ? this.token(ask) : failureReply(405, 'POST only');
    if (path === DISCOVERY_PATH) return this.discovery(ask);
    const depth = ONE_ROSTER_PATH.length;
    if (!ONE_ROSTER_PATH.every((segment, at) => ask.path[at] === segment))
      return failureReply(404, 'not found');
    const district = this.access.districtOf(ask.authorization);
    return district && isSchoolPassport(district.service)
      ? this.oneRoster.answer(district, ask.path.slice(depth), ask)
      : jsonReply(UNAUTHORIZED, 401);
  }

  private token(ask: Ask): Reply {
    const found = this.access.holderOf(ask.authorization);
    const holder = found && !isSchoolPassport(found.service) ? undefined : found;
    const occasion = { target: 'token', ...(holder ? { districtId: holder.id } : {}) } as const;
    return faultyReply(this.faults.take(occasion), this.access.token(ask, holder), ask);
  }

  private discovery(ask: Ask): Reply {
    const faults = this.faults.take({ target: 'discovery' });
    if (!this.access.isPartner(ask.authorization))
      return faultyReply(faults, jsonReply(UNAUTHORIZED, 401), ask);
    const listed = [...this.districts.values()].filter(
      ({ standing, service }) => standing !== 'removed' && isSchoolPassport(service),
    );
    const entries = listed.map((district) => this.entryOf(district));
    return faultyReply(faults, jsonReply(entries), ask);
  }

  private entryOf(district: District): Readonly<Record<string, string | null>> {
    return {
      districtName: district.name,
      ...district.credentials(),
      createdTimestamp: '2026-01-15T09:30:00.000-05:00',
      lastDataProcessingCompletedTimestamp: district.stamp,
      tokenUrl: `${this.url}/${TOKEN_PATH}`,
      apiUrl: this.url,
      districtGuid: district.id,
      expiryDate: district.standing === 'expired' ? '2026-06-30T00:00:00.000Z' : '2031-06-30T00:00:00.000Z',
    };
  }
}
