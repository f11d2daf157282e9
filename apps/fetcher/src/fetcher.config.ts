import { IsInt, Matches, Max, Min, ValidateBy } from 'class-validator';
import { LONGEST_LEASE_MS } from '#ledger';
import { reachSettings, SchoolPassportConfig, type HttpSettings } from '#school-passport';

/** Renewals while a lease lasts: one that fails must not be the last. */
const RENEWALS = 3;
/** A body becomes one text, and no text of Node.js is longer than 512 MiB. */
const MAX_BODY_BYTES = 500_000_000;

const LeavesTimeToRenewAgain = (): PropertyDecorator =>
  ValidateBy({
    name: 'leavesTimeToRenewAgain',
    validator: {
      validate: (ms, facts) => Number(ms) * RENEWALS <= (facts?.object as FetcherConfig).FETCHER_LEASE_MS,
      defaultMessage: () => 'must not be greater than a third of FETCHER_LEASE_MS',
    },
  });

export class FetcherConfig extends SchoolPassportConfig {
  /** Server of the ledger; the namespace names the database on it. */
  @Matches(/^postgres(ql)?:\/\/./, { message: 'DATABASE_URL must be set to a postgres:// URL' })
  DATABASE_URL: string = '';

  /** Runs read side by side by this process. */
  @IsInt()
  @Min(1)
  @Max(64)
  FETCHER_CONCURRENCY: number = 4;

  /** Runs read side by side by all fetchers together; a district has at most one. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  FETCHER_CONCURRENCY_TOTAL: number = 32;

  /** Rows asked for per page. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  FETCHER_PAGE_LIMIT: number = 500;

  /** Requests under way at once, at most, per credential of the source. */
  @IsInt()
  @Min(1)
  @Max(64)
  FETCHER_REQUESTS: number = 4;

  /** Retries in hand per credential; one comes back every 10 s, and with every tenth answer. */
  @IsInt()
  @Min(0)
  @Max(10_000)
  FETCHER_RETRIES: number = 60;

  /** Longest time for a connection, its TLS included. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  FETCHER_CONNECT_TIMEOUT_MS: number = 10_000;

  /** Longest time from the request to the headers of the answer. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  FETCHER_HEADERS_TIMEOUT_MS: number = 30_000;

  /** Longest time without a byte of an answer. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  FETCHER_IDLE_TIMEOUT_MS: number = 15_000;

  /** Longest time for one whole answer of the source. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  FETCHER_TIMEOUT_MS: number = 60_000;

  /** Of one answer, as it comes and unpacked. */
  @IsInt()
  @Min(1024)
  @Max(MAX_BODY_BYTES)
  FETCHER_MAX_BODY_BYTES: number = 67_108_864;

  /** Of one collection. */
  @IsInt()
  @Min(1)
  FETCHER_MAX_ROWS: number = 20_000_000;

  @IsInt()
  @Min(1)
  FETCHER_MAX_PAGES: number = 200_000;

  /** Of objects and lists in one another. */
  @IsInt()
  @Min(8)
  @Max(1000)
  FETCHER_MAX_DEPTH: number = 64;

  @IsInt()
  @Min(1000)
  @Max(LONGEST_LEASE_MS)
  FETCHER_LEASE_MS: number = 12_000;

  @IsInt()
  @Min(100)
  @Max(200_000)
  @LeavesTimeToRenewAgain()
  FETCHER_LEASE_RENEW_MS: number = 4_000;

  /** Wait between looks for a run when there is none. */
  @IsInt()
  @Min(10)
  @Max(60_000)
  FETCHER_POLL_MS: number = 250;
}

export function httpSettings(config: FetcherConfig): Partial<HttpSettings> {
  return {
    ...reachSettings(config),
    connectTimeoutMs: config.FETCHER_CONNECT_TIMEOUT_MS,
    headersTimeoutMs: config.FETCHER_HEADERS_TIMEOUT_MS,
    idleTimeoutMs: config.FETCHER_IDLE_TIMEOUT_MS,
    timeoutMs: config.FETCHER_TIMEOUT_MS,
    maxBodyBytes: config.FETCHER_MAX_BODY_BYTES,
    concurrency: config.FETCHER_REQUESTS,
    retries: config.FETCHER_RETRIES,
  };
}
