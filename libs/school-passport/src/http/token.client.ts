/*
 * OAuth2 client credentials of one pair: Basic authentication, form body. One request at a time however many ask; a
 * token is renewed at 90 % of its life and when told that it was refused.
 */
import { SchoolPassportError } from '../school-passport.errors.js';
import type { HttpAnswer, HttpClient } from './http.client.js';

export interface Credentials {
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Token {
  readonly value: string;
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

  /** The source refused this token; a newer one is kept. */
  refuse(token: string): void {
    if (this.token?.value === token) this.token = undefined;
  }

  private async request(): Promise<Token> {
    const { tokenUrl, clientId, clientSecret } = this.credentials;
    const pair = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
    const askedAt = this.now();
    const answer = await this.http.send(() => ({
      method: 'POST',
      url: tokenUrl,
      headers: { authorization: `Basic ${pair}`, 'content-type': 'application/x-www-form-urlencoded' },
      form: { grant_type: 'client_credentials' },
    }));
    const { value, lifeSeconds } = readToken(answer);
    return { value, renewAt: askedAt + lifeSeconds * 1000 * RENEW_AT_SHARE };
  }
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

function parseObject(body: Buffer): { access_token?: unknown; expires_in?: unknown } | null {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
