import { IsInt, Matches, Max, Min } from 'class-validator';
import { SchoolPassportConfig } from '#school-passport';

export class FetcherConfig extends SchoolPassportConfig {
  /** Server of the ledger; the namespace names the database on it. */
  @Matches(/^postgres(ql)?:\/\/./, { message: 'DATABASE_URL must be set to a postgres:// URL' })
  DATABASE_URL: string = '';

  /** Runs read side by side by this process. */
  @IsInt()
  @Min(1)
  @Max(64)
  FETCHER_CONCURRENCY: number = 4;

  /** Rows asked for per page. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  FETCHER_PAGE_LIMIT: number = 500;

  /** Longest time for one answer of the source. */
  @IsInt()
  @Min(100)
  @Max(600_000)
  FETCHER_TIMEOUT_MS: number = 60_000;

  @IsInt()
  @Min(1000)
  FETCHER_LEASE_MS: number = 12_000;

  @IsInt()
  @Min(100)
  FETCHER_LEASE_RENEW_MS: number = 4_000;

  /** Wait between looks for a run when there is none. */
  @IsInt()
  @Min(10)
  FETCHER_POLL_MS: number = 250;
}
