import { randomBytes } from 'node:crypto';
import { jsonReply, type Ask, type Reply } from '../http.js';
import { deriveCredentials, type Credentials, type District } from '../sharing/district.js';

const EXPIRES_IN_SECONDS = 7199;
const MAX_TOKENS = 10_000;

export interface Grant {
  /** null: the partner. */
  readonly districtId: string | null;
  /** The pair the token was given for: another pair ends it. */
  readonly clientSecret: string;
  readonly expiresAt: number;
  readonly scopes: readonly string[];
}

/** Who may ask for what: the partner for Discovery, each district's own pair for its data. */
export class Access {
  readonly partner: Credentials;
  private readonly grants = new Map<string, Grant>();

  constructor(
    seed: number,
    private readonly districts: ReadonlyMap<string, District>,
  ) {
    this.partner = deriveCredentials(seed, 'partner');
  }

  /** The district whose pair this is in an `Authorization: Basic` header; null: the partner; undefined: nobody. */
  holderOf(authorization: string): District | null | undefined {
    const [scheme, encoded = ''] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'basic') return undefined;
    const pair = Buffer.from(encoded, 'base64').toString('utf8');
    if (pair === join(this.partner)) return null;
    return [...this.districts.values()].find((district) => pair === join(district.credentials()));
  }

  token(ask: Ask, holder: District | null | undefined, scopes: readonly string[] = []): Reply {
    if (new URLSearchParams(ask.body).get('grant_type') !== 'client_credentials') {
      return jsonReply({ error: 'unsupported_grant_type' }, 400);
    }
    if (holder === undefined || holder?.standing === 'expired' || holder?.standing === 'removed') {
      return jsonReply({ error: 'invalid_client', error_description: 'Bad client credentials' }, 401);
    }
    const token = `sandbox-token-${randomBytes(24).toString('base64url')}`; // to be found where it must not be
    const { clientSecret } = holder?.credentials() ?? this.partner;
    const expiresAt = Date.now() + EXPIRES_IN_SECONDS * 1000;
    if (this.grants.size >= MAX_TOKENS) this.grants.clear();
    this.grants.set(token, { districtId: holder?.id ?? null, clientSecret, expiresAt, scopes });
    return jsonReply({ access_token: token, token_type: 'bearer', expires_in: EXPIRES_IN_SECONDS });
  }

  isPartner(authorization: string): boolean {
    return this.grantOf(authorization)?.districtId === null;
  }

  /** The district whose valid token this is. */
  districtOf(authorization: string): District | null {
    const district = this.districts.get(this.validGrant(authorization)?.districtId ?? '');
    return !district || district.standing === 'expired' || district.standing === 'removed' ? null : district;
  }

  /** Not past, and for the pair that its district has now. */
  validGrant(authorization: string): Grant | null {
    const grant = this.grantOf(authorization);
    const district = this.districts.get(grant?.districtId ?? '');
    return district?.credentials().clientSecret === grant?.clientSecret ? grant : null;
  }

  private grantOf(authorization: string): Grant | null {
    const [scheme, token = ''] = authorization.split(' ');
    const grant = scheme?.toLowerCase() === 'bearer' ? this.grants.get(token) : undefined;
    return grant && grant.expiresAt > Date.now() ? grant : null;
  }
}

function join({ clientId, clientSecret }: Credentials): string {
  return `${clientId}:${clientSecret}`;
}
