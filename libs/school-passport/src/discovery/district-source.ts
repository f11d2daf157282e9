export const ONE_ROSTER_VERSIONS = ['1.1', '1.2'] as const;
/** A version is an id space: ids of a 1.1 and a 1.2 feed need not match. */
export type OneRosterVersion = (typeof ONE_ROSTER_VERSIONS)[number];

interface DistrictFacts {
  readonly districtId: string;
  readonly name: string;
  readonly version: OneRosterVersion;
  /** When its data last became ready, as the source spells it; `null` before the first time, or where none is told. */
  readonly readyStamp: string | null;
  /** End of the sharing agreement, as the source spells it. */
  readonly expiresAt: string | null;
}

/** How a server wants to be asked. */
export type Auth =
  | {
      readonly kind: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: string;
      /** Where the token end wants the pair: Basic authentication, or the form. */
      readonly credentialsIn: 'header' | 'body';
      /** Asked for in this order; from the end one after the other is left out if the server knows not all. */
      readonly scopes: readonly string[];
    }
  /** A token that never changes. */
  | { readonly kind: 'bearer'; readonly token: string }
  /** Two-legged OAuth 1.0a. */
  | {
      readonly kind: 'oauth1';
      readonly clientId: string;
      readonly clientSecret: string;
      readonly signature: 'HMAC-SHA1' | 'HMAC-SHA256';
    };

/** A district that a server answers for. Holds secrets: never log one. */
export interface ServedDistrict extends DistrictFacts {
  readonly kind: 'server';
  /** Base of the seven collections, without a slash at its end. */
  readonly oneRosterUrl: string;
  readonly auth: Auth;
  /** Plain http, to loopback only. */
  readonly allowHttp: boolean;
  /** Rows this server is asked for per page; `null`: as many as any other. */
  readonly pageLimit: number | null;
}

/** A district that comes as a OneRoster CSV bundle. */
export interface BundledDistrict extends DistrictFacts {
  readonly kind: 'csv';
  /** A zip file or a folder. */
  readonly path: string;
}

export type DistrictSource = ServedDistrict | BundledDistrict;

export interface DistrictListing {
  readonly sources: readonly DistrictSource[];
  /** Entries that cannot be used, by place and constraint. */
  readonly faults: readonly string[];
  /** Districts that are neither there nor gone: there is an entry that cannot be used. */
  readonly withheld: readonly WithheldDistrict[];
}

export interface WithheldDistrict {
  /** `null`: the entry does not say whose it is, so it may be anybody's. */
  readonly districtId: string | null;
  readonly fault: string;
}
