import { describe, expect, it } from '@jest/globals';
import { oauth1Signer } from './oauth1-signer.js';
import { verifyOauth1 } from '../../test/oauth1-check.js';

const pair = { clientId: "key!*'()", clientSecret: 'se&cret' };
const url = "https://sis.example.org/v1p1/users/a'(b)*!c%2Fd";
const query = { filter: "name='O''Neil (Jr.)*!'", limit: '500', offset: '0', 'a b': 'ü+&=/' };

describe('OAuth 1.0a', () => {
  it.each(['HMAC-SHA1', 'HMAC-SHA256'] as const)(
    "signs with %s what a server finds when it encodes by RFC 3986, '()*! among it",
    (signature) => {
      const header = oauth1Signer({ kind: 'oauth1', ...pair, signature })(url, query);
      expect(verifyOauth1(header, { method: 'GET', url, query }, pair)).toBe(signature);
      expect(verifyOauth1(header, { method: 'GET', url, query: { ...query, offset: '1' } }, pair)).toBeNull();
      expect(verifyOauth1(header, { method: 'GET', url, query }, { ...pair, clientSecret: 'x' })).toBeNull();
    },
  );

  it('names its key, encoded, and never its secret', () => {
    const header = oauth1Signer({ kind: 'oauth1', ...pair, signature: 'HMAC-SHA1' })(url, {});
    expect(header).toMatch(/^OAuth oauth_consumer_key="key%21%2A%27%28%29", oauth_nonce="[0-9a-f]{32}", /);
    expect(header).toContain('oauth_version="1.0"');
    expect(header).not.toContain('se&cret');
  });

  it('takes another nonce for every try', () => {
    const sign = oauth1Signer({ kind: 'oauth1', ...pair, signature: 'HMAC-SHA1' });
    const nonces = Array.from({ length: 50 }, () => /oauth_nonce="([^"]+)"/.exec(sign(url, query))?.[1]);
    expect(new Set(nonces).size).toBe(50);
  });
});
