/*
 * OAuth2 client credentials of one pair, in Basic authentication or in the form. One request at a time however many
 * ask; a token is renewed at 90 % of its life and when told that it was refused.
 */
import type { Auth } from '../discovery/district-source.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import type { HttpAnswer, HttpClient } from './http.client.js';

export type Credentials = Omit<Extract<Auth, { kind: 'oauth2' }>, 'kind'>;

interface Token {
  readonly value: string;
  readonly scopes: readonly string[];
  readonly renewAt: number;
}

const DEFAULT_LIFE_SECONDS = 600;
const RENEW_AT_SHARE = 0.9;

export class TokenClient {
  private token: Token | undefined;
  private pending: Promise<Token> | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly credentials: Credentials,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A token that is good for now. Throws SchoolPassportError, `unauthorized` if the pair is refused. */
  async get(): Promise<string> {
    if (this.token === undefined || this.now() >= this.token.renewAt) {
      this.pending ??= this.request().finally(() => {
        this.pending = undefined;
      });
      this.token = await this.pending;
    }
    return this.token.value;
  }

  /** Whether the token that is held was given only for fewer scopes than were asked for first. */
  get isNarrower(): boolean {
    return this.token !== undefined && this.token.scopes.length < this.credentials.scopes.length;
  }

  /** The source refused this token; a newer one is kept. */
  refuse(token: string): void {
    if (this.token?.value === token) this.token = undefined;
  }

  /** With fewer scopes, the last left out first, while the server does not know all of them. */
  private async request(): Promise<Token> {
    for (let { scopes } = this.credentials; ; scopes = scopes.slice(0, -1)) {
      const askedAt = this.now();
      const answer = await this.ask(scopes);
      if (scopes.length > 0 && refusesScopes(answer)) continue;
      const { value, lifeSeconds } = readToken(answer);
      return { value, scopes, renewAt: askedAt + lifeSeconds * 1000 * RENEW_AT_SHARE };
    }
  }

  private ask(scopes: readonly string[]): Promise<HttpAnswer> {
    const { tokenUrl, clientId, clientSecret, credentialsIn } = this.credentials;
    const pair = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const isInBody = credentialsIn === 'body';
    return this.http.send(() => ({
      method: 'POST',
      url: tokenUrl,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(isInBody ? {} : { authorization: `Basic ${pair}` }),
      },
      form: {
        grant_type: 'client_credentials',
        ...(isInBody ? { client_id: clientId, client_secret: clientSecret } : {}),
        ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
      },
    }));
  }
}

function refusesScopes({ status, body }: HttpAnswer): boolean {
  return status >= 400 && parseObject(body)?.error === 'invalid_scope';
}

function readToken({ status, body, coordinates }: HttpAnswer): { value: string; lifeSeconds: number } {
  if (status === 400 || status === 401 || status === 403) {
    throw new SchoolPassportError('unauthorized', 'the token end refuses the credentials', coordinates);
  }
  if (status !== 200) {
    throw new SchoolPassportError('status', 'the token end gave no token', coordinates);
  }
  const answer = parseObject(body);
  const value = answer?.access_token;
  // Anything else in a header would let an answer write further headers.
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new SchoolPassportError(
      'unknown-shape',
      'the token end answered without a usable token',
      coordinates,
    );
  }
  const life = Number(answer?.expires_in ?? Number.NaN);
  return { value, lifeSeconds: life > 0 ? life : DEFAULT_LIFE_SECONDS };
}

function parseObject(body: Buffer): { access_token?: unknown; expires_in?: unknown; error?: unknown } | null {
  try {
    const value = JSON.parse(body.toString('utf8').replace(/^\ufeff/, '')) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
