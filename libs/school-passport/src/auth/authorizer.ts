/* Each way to say who asks, behind one face: what goes into the Authorization header, and what a 401 changes. */
import type { Auth } from '../discovery/district-source.js';
import type { HttpClient } from '../http/http.client.js';
import { TokenClient } from '../http/token.client.js';
import type { Quirk } from '../one-roster/quirks.js';
import { SchoolPassportError } from '../school-passport.errors.js';
import { oauth1Signer } from './oauth1-signer.js';

/** Good for the tries of one request. */
export interface Grant {
  /** The Authorization header of one GET; `url` without its query. */
  header(url: string, query: Readonly<Record<string, string>>): string;
  /** The source answered 401. */
  refuse(): void;
  /** What getting it took. */
  readonly quirks: readonly Quirk[];
}

export interface Authorizer {
  /** Whether the grant after a refused one is another. */
  readonly renews: boolean;
  /** `undefined`: the token end refuses the credentials. Throws SchoolPassportError. */
  grant(): Promise<Grant | undefined>;
}

export function authorizerOf(auth: Auth, http: HttpClient): Authorizer {
  switch (auth.kind) {
    case 'oauth2':
      return new TokenAuthorizer(new TokenClient(http, auth));
    case 'bearer':
      return always(() => `Bearer ${auth.token}`);
    case 'oauth1':
      return always(oauth1Signer(auth));
  }
}

class TokenAuthorizer implements Authorizer {
  readonly renews = true;

  constructor(private readonly tokens: TokenClient) {}

  async grant(): Promise<Grant | undefined> {
    try {
      const token = await this.tokens.get();
      return {
        header: () => `Bearer ${token}`,
        refuse: () => this.tokens.refuse(token),
        quirks: this.tokens.isNarrower ? ['fewer scopes asked for'] : [],
      };
    } catch (error) {
      if (error instanceof SchoolPassportError && error.code === 'unauthorized') return undefined;
      throw error;
    }
  }
}

function always(header: Grant['header']): Authorizer {
  const grant: Grant = { header, refuse: () => undefined, quirks: [] };
  return { renews: false, grant: () => Promise.resolve(grant) };
}
