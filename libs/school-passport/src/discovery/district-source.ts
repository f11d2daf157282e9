/** A district and how to read it. Holds secrets: never log one. */
export interface DistrictSource {
  readonly districtId: string;
  readonly name: string;
  /** Base of the seven collections, without a slash at its end. */
  readonly oneRosterUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Plain http, to loopback only. */
  readonly allowHttp: boolean;
  /** When its data last became ready, as the source spells it; `null` before the first time, or where none is told. */
  readonly readyStamp: string | null;
  /** End of the sharing agreement, as the source spells it. */
  readonly expiresAt: string | null;
}

export interface DistrictListing {
  readonly sources: readonly DistrictSource[];
  /** Entries that cannot be used, by place and constraint. */
  readonly faults: readonly string[];
}
