/*
 * Districts that are served as by another OneRoster server than School Passport: 1.1 or 1.2 at the standard's own
 * paths, behind a token end that wants the pair in the form or scopes, a token that never changes, or OAuth 1.0a.
 */
import { createHash } from 'node:crypto';
import { failureReply, jsonReply, type Ask, type Reply } from '../http.js';
import { createRenderer } from '../roster/render.js';
import type { Faults } from '../faults/faults.js';
import type { District } from '../sharing/district.js';
import { isSchoolPassport, type ServiceKind } from '../sharing/service-kind.js';
import type { Access, Grant } from './access.js';
import { Oauth1Check } from './oauth1-check.js';
import { OneRosterApi } from './one-roster.js';

const BASE_PATHS: Readonly<Record<ServiceKind['version'], string>> = {
  '1.1': 'ims/oneroster/v1p1',
  '1.2': 'ims/oneroster/rostering/v1p2',
};
const TOKEN_PATH = 'ims/oneroster/token';
const SCOPE = 'https://purl.imsglobal.org/spec/or/v1p1/scope/';
const DEMOGRAPHICS_SCOPE = `${SCOPE}roster-demographics.readonly`;
const KNOWN_SCOPES = [`${SCOPE}roster-core.readonly`, `${SCOPE}roster.readonly`, DEMOGRAPHICS_SCOPE];

export class OtherServer {
  private readonly oauth1: Oauth1Check;
  private readonly apis: ReadonlyMap<string, OneRosterApi>;

  constructor(
    private readonly url: string,
    private readonly districts: ReadonlyMap<string, District>,
    private readonly access: Access,
    faults: Faults,
  ) {
    this.oauth1 = new Oauth1Check(url);
    this.apis = new Map(
      (['1.1', '1.2'] as const).map((version) => {
        const base = `${url}/${BASE_PATHS[version]}`;
        return [version, new OneRosterApi(base, createRenderer(base, version), faults)];
      }),
    );
  }

  answer(ask: Ask): Reply {
    const path = ask.path.join('/');
    if (path === TOKEN_PATH) return ask.method === 'POST' ? this.token(ask) : failureReply(405, 'POST only');
    const district = this.districtOf(ask);
    if (district === undefined) return jsonReply({ imsx_codeMajor: 'failure' }, 401);
    const base = BASE_PATHS[district.service.version];
    if (!path.startsWith(`${base}/`)) return failureReply(404, 'not found');
    const [root = '', ...rest] = ask.path.slice(base.split('/').length);
    if (root === 'demographics' && !this.maySeeDemographics(district, ask)) return failureReply(403, 'scope');
    return (
      this.apis.get(district.service.version)?.answer(district, [root, ...rest], ask) ?? failureReply(404, '')
    );
  }

  /** The entry of a districts file that reads a district as it is served now. */
  entryOf(district: District): Readonly<Record<string, unknown>> {
    const { service, id, name } = district;
    const base = isSchoolPassport(service)
      ? `datahub/services/${BASE_PATHS['1.1']}`
      : BASE_PATHS[service.version];
    const facts = { districtId: id, name, version: service.version, allowHttp: true };
    const server = { ...facts, oneRosterUrl: `${this.url}/${base}` };
    const pair = district.credentials();
    const oauth2 = { ...server, auth: 'oauth2', tokenUrl: `${this.url}/${TOKEN_PATH}`, ...pair };
    switch (service.auth) {
      case 'school-passport':
        return isSchoolPassport(service)
          ? { ...oauth2, tokenUrl: `${this.url}/datahub/oauth/token` }
          : oauth2;
      case 'body':
        return { ...oauth2, credentialsIn: 'body' };
      case 'scopes':
        return { ...oauth2, scopes: KNOWN_SCOPES };
      case 'bearer':
        return { ...server, auth: 'bearer', token: staticTokenOf(district) };
      case 'oauth1':
        return { ...server, auth: 'oauth1', ...pair, signature: 'HMAC-SHA256' };
    }
  }

  private token(ask: Ask): Reply {
    const form = new URLSearchParams(ask.body);
    const pairInForm = `${form.get('client_id')}:${form.get('client_secret')}`;
    const inHeader = this.access.holderOf(ask.authorization);
    const holder = this.others().find((district) =>
      district.service.auth === 'body'
        ? pairInForm === Object.values(district.credentials()).join(':') && ask.authorization === ''
        : district === inHeader,
    );
    if (holder?.service.auth !== 'scopes') return this.access.token(ask, holder);
    const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const isKnown = scopes.length > 0 && scopes.every((scope) => KNOWN_SCOPES.includes(scope));
    return isKnown ? this.access.token(ask, holder, scopes) : jsonReply({ error: 'invalid_scope' }, 400);
  }

  private districtOf(ask: Ask): District | undefined {
    const found = this.others().find((district) => {
      switch (district.service.auth) {
        case 'bearer':
          return ask.authorization === `Bearer ${staticTokenOf(district)}`;
        case 'oauth1': {
          const pair = district.credentials();
          return this.oauth1.keyOf(ask.authorization) === pair.clientId && this.oauth1.isSigned(ask, pair);
        }
        default:
          return this.grantOf(ask)?.districtId === district.id;
      }
    });
    return found?.standing === 'expired' || found?.standing === 'removed' ? undefined : found;
  }

  private maySeeDemographics({ service }: District, ask: Ask): boolean {
    return service.auth !== 'scopes' || (this.grantOf(ask)?.scopes.includes(DEMOGRAPHICS_SCOPE) ?? false);
  }

  private grantOf(ask: Ask): Grant | null {
    return this.access.validGrant(ask.authorization);
  }

  private others(): readonly District[] {
    return [...this.districts.values()].filter(({ service }) => !isSchoolPassport(service));
  }
}

function staticTokenOf(district: District): string {
  const { clientId, clientSecret } = district.credentials();
  return createHash('sha256').update(`${clientId}:${clientSecret}`).digest('base64url');
}
