export type SchoolPassportErrorCode =
  | 'network' // no answer: refused, reset, unknown host, TLS
  | 'timeout'
  | 'stopped' // the caller's signal
  | 'unauthorized' // 401, or the token end refuses the credentials
  | 'forbidden'
  | 'status' // any other status that is not 200
  | 'retry-budget' // the source fails so often that no retries are left
  | 'asked-to-wait' // Retry-After for longer than a pull waits
  | 'too-large'
  | 'too-deep'
  | 'unknown-encoding'
  | 'not-json'
  | 'unknown-shape'
  | 'reported-failure' // a 200 whose own status says failure
  | 'repeated-page'
  | 'counts-pages' // `offset` means something else than rows
  | 'cap'
  | 'insecure-url'
  | 'unknown-district'
  | 'moved'; // the district is on another server since the pull began

/** Where it happened: never a query, a header or a body. */
export interface RequestCoordinates {
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly attempt?: number;
}

const PERMANENT: ReadonlySet<SchoolPassportErrorCode> = new Set([
  'unauthorized',
  'forbidden',
  'insecure-url',
  'unknown-district',
]);

/** Anything that ends a conversation with the source. Carries coordinates only, and no `cause`: that may hold secrets. */
export class SchoolPassportError extends Error {
  override readonly name = 'SchoolPassportError';

  constructor(
    readonly code: SchoolPassportErrorCode,
    message: string,
    readonly coordinates?: RequestCoordinates,
    /** What the source asked to wait (Retry-After), in ms. */
    readonly retryAfterMs?: number,
  ) {
    super(coordinates === undefined ? message : `${message} (${describe(coordinates)})`);
  }

  /** Whether a later pull may go better with nothing changed by hand. */
  get isPermanent(): boolean {
    return PERMANENT.has(this.code);
  }
}

/** A wrong setting or an entry of the districts file: names the place and the constraint, never the value. */
export class SchoolPassportSettingsError extends Error {
  override readonly name = 'SchoolPassportSettingsError';
}

function describe({ method, path, status, attempt }: RequestCoordinates): string {
  const parts = [`${method} ${path}`];
  if (status !== undefined) parts.push(`status ${status}`);
  if (attempt !== undefined && attempt > 1) parts.push(`attempt ${attempt}`);
  return parts.join(', ');
}
