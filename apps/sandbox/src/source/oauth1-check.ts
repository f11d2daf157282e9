import { createHmac } from 'node:crypto';
import type { Ask } from '../http.js';
import type { Credentials } from '../sharing/district.js';

const MAX_NONCES = 100_000;
const MAX_SKEW_SECONDS = 300;
const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['HMAC-SHA1', 'sha1'],
  ['HMAC-SHA256', 'sha256'],
]);

/** Two-legged OAuth 1.0a as RFC 5849 says it: signature, time, and that no nonce comes twice. */
export class Oauth1Check {
  private readonly nonces = new Set<string>();

  constructor(private readonly origin: string) {}

  /** Whose key a header names; undefined: it is no OAuth header. */
  keyOf(authorization: string): string | undefined {
    return parametersOf(authorization)?.get('oauth_consumer_key');
  }

  isSigned(ask: Ask, { clientSecret }: Credentials): boolean {
    const parameters = parametersOf(ask.authorization);
    const algorithm = ALGORITHMS.get(parameters?.get('oauth_signature_method') ?? '');
    if (parameters === undefined || algorithm === undefined) return false;
    const signature = parameters.get('oauth_signature');
    parameters.delete('oauth_signature');
    const normalised = [...parameters, ...ask.query]
      .map(([name, value]) => [encode(name), encode(value)] as const)
      .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
      .map((pair) => pair.join('='))
      .join('&');
    const base = [ask.method, `${this.origin}${ask.pathname}`, normalised].map(encode).join('&');
    const expected = createHmac(algorithm, `${encode(clientSecret)}&`)
      .update(base)
      .digest('base64');
    return signature === expected && this.isFresh(parameters);
  }

  private isFresh(parameters: ReadonlyMap<string, string>): boolean {
    const seconds = Number(parameters.get('oauth_timestamp'));
    if (!(Math.abs(Date.now() / 1000 - seconds) <= MAX_SKEW_SECONDS)) return false;
    const nonce = parameters.get('oauth_nonce') ?? '';
    if (nonce === '' || this.nonces.has(nonce)) return false;
    if (this.nonces.size >= MAX_NONCES) this.nonces.clear();
    this.nonces.add(nonce);
    return true;
  }
}

function parametersOf(authorization: string): Map<string, string> | undefined {
  if (!/^oauth /i.test(authorization)) return undefined;
  const pairs = [...authorization.matchAll(/(oauth_\w+)="([^"]*)"/g)];
  return new Map(pairs.map(([, name = '', value = '']) => [name, decodeURIComponent(value)]));
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
