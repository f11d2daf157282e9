import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { ONE_ROSTER_VERSIONS, type OneRosterVersion } from '#school-passport';
import { spanOf, type Blackout } from '../settlement/blackouts.js';
import { AllowListRequest } from './allow-list.body.js';
import { IfGiven } from './if-given.js';
import { IsPart, LimitsRequest, RolloverRequest, TypeLimitsRequest } from './limits.body.js';

function EndsAfterItsStart(): PropertyDecorator {
  return ValidateBy({
    name: 'endsAfterItsStart',
    validator: {
      validate: (_, facts) => {
        const { startAt, endAt } = spanOf(facts?.object as Blackout);
        return endAt > startAt;
      },
      defaultMessage: () => 'until must be later than from',
    },
  });
}

export class RunRequest {
  /** Stop after the plan. */
  @ApiPropertyOptional({ default: false })
  @IfGiven()
  @IsBoolean()
  dryRun?: boolean;

  /** at-once: two further tries without a pause. */
  @ApiPropertyOptional({ enum: ['at-once', 'scheduled'], default: 'scheduled' })
  @IfGiven()
  @IsIn(['at-once', 'scheduled'])
  retries?: 'at-once' | 'scheduled';
}

export class DecisionRequest {
  @ApiProperty({ description: 'digest of the held plan, as shown', pattern: '^[0-9a-f]{64}$' })
  @Matches(/^[0-9a-f]{64}$/)
  digest!: string;

  @ApiProperty({ minLength: 1, maxLength: 200 })
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  who!: string;

  @ApiProperty({ minLength: 1, maxLength: 2000 })
  @IsString()
  @MinLength(1)
  @MaxLength(2000)
  why!: string;
}

/** What the page's form sends. */
export class DecisionForm extends DecisionRequest {
  @IsIn(['approval', 'rejection'])
  verdict!: 'approval' | 'rejection';
}

const DATE_OR_INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;
const IS_DATE_OR_INSTANT = { message: '$property must be a date, or an instant with its zone (RFC 3339)' };

/** A date stands for its whole day, UTC: `until` a date includes that day. */
export class BlackoutRequest {
  @ApiProperty({ examples: ['2026-07-01', '2026-07-01T06:00:00Z'] })
  @IsISO8601({ strict: true }, IS_DATE_OR_INSTANT)
  @Matches(DATE_OR_INSTANT, IS_DATE_OR_INSTANT)
  from!: string;

  @ApiProperty({ examples: ['2026-08-15', '2026-08-15T18:00:00Z'] })
  @IsISO8601({ strict: true }, IS_DATE_OR_INSTANT)
  @Matches(DATE_OR_INSTANT, IS_DATE_OR_INSTANT)
  @EndsAfterItsStart()
  until!: string;
}

/** All of a district's settings; what is left out goes back to its default. */
export class SettingsRequest {
  @ApiPropertyOptional({ type: LimitsRequest })
  @IfGiven()
  @IsPart(() => LimitsRequest)
  limits?: LimitsRequest;

  @ApiPropertyOptional({ type: TypeLimitsRequest })
  @IfGiven()
  @IsPart(() => TypeLimitsRequest)
  typeLimits?: TypeLimitsRequest;

  @ApiPropertyOptional({ type: RolloverRequest })
  @IfGiven()
  @IsPart(() => RolloverRequest)
  rollover?: RolloverRequest;

  @ApiPropertyOptional({ type: AllowListRequest })
  @IfGiven()
  @IsPart(() => AllowListRequest)
  allow?: AllowListRequest;

  /** Hour of the daily pull, UTC. */
  @ApiPropertyOptional({ minimum: 0, maximum: 23 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(23)
  hour?: number;

  /** When nothing is pulled by schedule. What is asked for is pulled all the same. */
  @ApiPropertyOptional({ type: [BlackoutRequest] })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => BlackoutRequest)
  blackouts?: BlackoutRequest[];

  /** An alarm is raised when no run is completed for so long; instead of DISTRICT_LATE_MS. */
  @ApiPropertyOptional({ minimum: 1, maximum: 8760 })
  @IfGiven()
  @IsInt()
  @Min(1)
  @Max(8760)
  lateAfterHours?: number;

  /** OneRoster version that the district may be read with though it was read with another until now. */
  @ApiPropertyOptional({ enum: ONE_ROSTER_VERSIONS })
  @IfGiven()
  @IsIn(ONE_ROSTER_VERSIONS)
  version?: OneRosterVersion;
}
