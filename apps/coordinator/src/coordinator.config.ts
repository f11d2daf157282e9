import {
  ArrayNotEmpty,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsString,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
} from 'class-validator';
import { LONGEST_LEASE_MS } from '#ledger';
import { SchoolPassportConfig } from '#school-passport';
import { DEFAULT_TIMES, type Times } from './settlement/times.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

export class CoordinatorConfig extends SchoolPassportConfig {
  /** Server of the namespace's database, which is created through it if missing. */
  @Matches(/^postgres(ql)?:\/\/\S+$/, { message: 'DATABASE_URL must be set to postgres://…' })
  DATABASE_URL: string = '';

  /** Where it is set, the admin API and the console want it as Bearer token (or as password). */
  @ValidateIf(
    ({ HTTP_HOST, COORDINATOR_TOKEN }: CoordinatorConfig) =>
      Boolean(COORDINATOR_TOKEN) || !isLoopback(HTTP_HOST),
  )
  @IsString()
  @IsNotEmpty({ message: 'COORDINATOR_TOKEN must be set where HTTP_HOST is not loopback' })
  COORDINATOR_TOKEN: string = '';

  /** off: only runs that are asked for, and their retries; what is due to be sent again goes with them. */
  @IsIn(['on', 'off'])
  COORDINATOR_SCHEDULE: string = 'on';

  @IsInt()
  @Min(1000)
  @Max(DAY_MS)
  DISCOVERY_INTERVAL_MS: number = 60_000;

  /** An active district without a completed run for so long raises an alarm. */
  @IsInt()
  @Min(1000)
  DISTRICT_LATE_MS: number = 26 * 60 * 60 * 1000;

  @IsInt()
  @Min(10)
  @Max(60_000)
  COORDINATOR_STEP_MS: number = 250;

  @IsInt()
  @Min(500)
  @Max(LONGEST_LEASE_MS)
  COORDINATOR_LEASE_MS: number = 10_000;

  /** A marker without an answer is sent again after this. */
  @IsInt()
  @Min(100)
  @ValidateBy({
    name: 'isBelowSilence',
    validator: {
      validate: (value, args) => Number(value) < (args?.object as CoordinatorConfig).RUN_SILENCE_MS,
      defaultMessage: () =>
        'RUN_RESEND_MS must be below RUN_SILENCE_MS: a marker that was lost is sent again before its run is aborted',
    },
  })
  RUN_RESEND_MS: number = DEFAULT_TIMES.resendMs;

  /** A run is aborted when a partition it waits on says nothing for so long. */
  @IsInt()
  @Min(200)
  RUN_SILENCE_MS: number = DEFAULT_TIMES.silenceMs;

  /** A run that no fetcher takes is aborted after so long in which none read anything. */
  @IsInt()
  @Min(1000)
  RUN_UNCLAIMED_MS: number = DEFAULT_TIMES.unclaimedMs;

  /** A held plan expires after this; it must be well below the raw log's seven days. */
  @IsInt()
  @Min(1000)
  @Max(6 * DAY_MS)
  RUN_HELD_MS: number = DEFAULT_TIMES.heldMs;

  /** What a refresh has not mended is tried again after this. */
  @IsInt()
  @Min(1000)
  RUN_REFRESH_MS: number = 15 * 60_000;

  /** Pauses after the first, second, … failed try, separated by commas; the last repeats. */
  @ArrayNotEmpty()
  @Matches(/^[1-9]\d{2,7}$/, {
    each: true,
    message: 'RUN_RETRY_MS must be milliseconds separated by commas, each from 100 to 99999999',
  })
  RUN_RETRY_MS: string[] = DEFAULT_TIMES.retryMs.map(String);
}

export function timesOf(config: CoordinatorConfig): Times {
  return {
    resendMs: config.RUN_RESEND_MS,
    silenceMs: config.RUN_SILENCE_MS,
    unclaimedMs: config.RUN_UNCLAIMED_MS,
    postponeMs: config.RUN_SILENCE_MS,
    heldMs: config.RUN_HELD_MS,
    refreshMs: config.COORDINATOR_SCHEDULE === 'on' ? config.RUN_REFRESH_MS : null,
    retryMs: config.RUN_RETRY_MS.map(Number),
  };
}
