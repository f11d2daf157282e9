import { createHmac, randomUUID } from 'node:crypto';
import OAuth from 'oauth-1.0a';
import type { Auth } from '../discovery/district-source.js';

const ALGORITHMS = { 'HMAC-SHA1': 'sha1', 'HMAC-SHA256': 'sha256' } as const;

/** The library's nonce is drawn with Math.random: two processes that started alike could draw the same. */
class Signer extends OAuth {
  override getNonce(): string {
    return randomUUID().replaceAll('-', '');
  }
}

/** Signs a GET by two-legged OAuth 1.0a (RFC 5849 without a token), each time with another nonce. */
export function oauth1Signer({
  clientId,
  clientSecret,
  signature,
}: Extract<Auth, { kind: 'oauth1' }>): (url: string, query: Readonly<Record<string, string>>) => string {
  const signer = new Signer({
    consumer: { key: clientId, secret: clientSecret },
    signature_method: signature,
    hash_function: (base, key) => createHmac(ALGORITHMS[signature], key).update(base).digest('base64'),
  });
  return (url, query) =>
    signer.toHeader(signer.authorize({ method: 'GET', url, data: { ...query } })).Authorization;
}
