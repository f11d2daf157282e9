export const SERVICE_VERSIONS = ['1.1', '1.2'] as const;
export const SERVICE_AUTHS = ['school-passport', 'body', 'scopes', 'bearer', 'oauth1'] as const;

/**
 * How a district is served: as School Passport does, or as by another OneRoster server. body: the pair only in the
 * form of the token end; scopes: a token is had for scopes; bearer: a token that never changes; oauth1: OAuth 1.0a.
 */
export interface ServiceKind {
  readonly version: (typeof SERVICE_VERSIONS)[number];
  readonly auth: (typeof SERVICE_AUTHS)[number];
}

export const SCHOOL_PASSPORT: ServiceKind = { version: '1.1', auth: 'school-passport' };

export function isSchoolPassport({ version, auth }: ServiceKind): boolean {
  return version === SCHOOL_PASSPORT.version && auth === SCHOOL_PASSPORT.auth;
}
