import { createHmac } from 'node:crypto';

interface SignedRequest {
  readonly method: string;
  /** Without its query. */
  readonly url: string;
  readonly query: Readonly<Record<string, string>>;
}

/** RFC 5849, written down a second time: the signature method of a header that is signed rightly, else null. */
export function verifyOauth1(
  header: string,
  { method, url, query }: SignedRequest,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): string | null {
  const said = new Map(
    [...header.matchAll(/(oauth_\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      decodeURIComponent(value),
    ]),
  );
  const signature = said.get('oauth_signature');
  said.delete('oauth_signature');
  const parameters = [...said, ...Object.entries(query)]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const base = [method, url, parameters].map(encode).join('&');
  const algorithm = said.get('oauth_signature_method') === 'HMAC-SHA1' ? 'sha1' : 'sha256';
  const expected = createHmac(algorithm, `${encode(clientSecret)}&`)
    .update(base)
    .digest('base64');
  const isRight = said.get('oauth_consumer_key') === clientId && signature === expected;
  return isRight ? (said.get('oauth_signature_method') ?? null) : null;
}

/** Everything but letters, digits and `-._~`. */
function encode(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
