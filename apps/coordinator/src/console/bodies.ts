import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { AllowListRequest } from './allow-list.body.js';

export class RunRequest {
  /** Stop after the plan. */
  @ApiPropertyOptional({ default: false })
  @IsOptional()
  @IsBoolean()
  dryRun?: boolean;

  /** at-once: two further tries without a pause. */
  @ApiPropertyOptional({ enum: ['at-once', 'scheduled'], default: 'scheduled' })
  @IsOptional()
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

/** Limits of the guard; what is left out keeps its default. */
export class LimitsRequest {
  @ApiPropertyOptional({ default: 0.1 }) @IsOptional() @IsNumber() @Min(0) staleRatio?: number;
  @ApiPropertyOptional({ default: 20 }) @IsOptional() @IsInt() @Min(0) staleFloor?: number;
  @ApiPropertyOptional({ default: 0.75 }) @IsOptional() @IsNumber() @Min(0) updatedRatio?: number;
  @ApiPropertyOptional({ default: 100 }) @IsOptional() @IsInt() @Min(0) updatedFloor?: number;
  @ApiPropertyOptional({ default: 0.05 }) @IsOptional() @IsNumber() @Min(0) quarantinedRatio?: number;
  @ApiPropertyOptional({ default: 20 }) @IsOptional() @IsInt() @Min(0) quarantinedFloor?: number;
  @ApiPropertyOptional({ default: 1 }) @IsOptional() @IsInt() @Min(1) unreadableFrom?: number;
}

export class RolloverRequest {
  @ApiProperty({ format: 'date-time' })
  @IsISO8601({ strict: true })
  until!: string;

  @ApiProperty({ type: LimitsRequest })
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsRequest)
  limits!: LimitsRequest;
}

export class TypeLimitsRequest {
  @ApiPropertyOptional() @IsOptional() @ValidateNested() @Type(() => LimitsRequest) orgs?: LimitsRequest;
  @ApiPropertyOptional()
  @IsOptional()
  @ValidateNested()
  @Type(() => LimitsRequest)
  academicSessions?: LimitsRequest;
  @ApiPropertyOptional() @IsOptional() @ValidateNested() @Type(() => LimitsRequest) courses?: LimitsRequest;
  @ApiPropertyOptional() @IsOptional() @ValidateNested() @Type(() => LimitsRequest) classes?: LimitsRequest;
  @ApiPropertyOptional() @IsOptional() @ValidateNested() @Type(() => LimitsRequest) users?: LimitsRequest;
  @ApiPropertyOptional()
  @IsOptional()
  @ValidateNested()
  @Type(() => LimitsRequest)
  demographics?: LimitsRequest;
  @ApiPropertyOptional()
  @IsOptional()
  @ValidateNested()
  @Type(() => LimitsRequest)
  enrollments?: LimitsRequest;
}

/** All of a district's settings; what is left out goes back to its default. */
export class SettingsRequest {
  @ApiPropertyOptional({ type: LimitsRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LimitsRequest)
  limits?: LimitsRequest;

  @ApiPropertyOptional({ type: TypeLimitsRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => TypeLimitsRequest)
  typeLimits?: TypeLimitsRequest;

  @ApiPropertyOptional({ type: RolloverRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RolloverRequest)
  rollover?: RolloverRequest;

  @ApiPropertyOptional({ type: AllowListRequest })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => AllowListRequest)
  allow?: AllowListRequest;

  /** Hour of the daily pull, UTC. */
  @ApiPropertyOptional({ minimum: 0, maximum: 23 })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(23)
  hour?: number;
}
