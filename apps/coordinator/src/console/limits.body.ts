import { applyDecorators, type Type as Class } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsNumber, IsObject, Max, Min, ValidateNested } from 'class-validator';
import { DEFAULT_LIMITS, type GuardLimits } from '../settlement/limits.js';
import { IfGiven } from './if-given.js';

const IS_FRACTION = { message: '$property is a fraction, at most 1: 0.1 is ten percent' };

type Name<Kind extends string> = Extract<keyof GuardLimits, `${string}${Kind}`>;

function IsRatio(name: Name<'Ratio'>): PropertyDecorator {
  const told = ApiPropertyOptional({ default: DEFAULT_LIMITS[name], minimum: 0, maximum: 1 });
  return applyDecorators(told, IfGiven(), IsNumber(), Min(0), Max(1, IS_FRACTION));
}

function IsCount(name: Name<'Floor' | 'From'>, minimum: number): PropertyDecorator {
  const told = ApiPropertyOptional({ default: DEFAULT_LIMITS[name], minimum });
  return applyDecorators(told, IfGiven(), IsInt(), Min(minimum));
}

/** An object with rules of its own. */
export function IsPart(type: () => Class): PropertyDecorator {
  return applyDecorators(IsObject(), ValidateNested(), Type(type));
}

/** Limits of the guard; what is left out keeps its default. */
export class LimitsRequest {
  @IsRatio('staleRatio') staleRatio?: number;
  @IsCount('staleFloor', 0) staleFloor?: number;
  @IsRatio('updatedRatio') updatedRatio?: number;
  @IsCount('updatedFloor', 0) updatedFloor?: number;
  @IsRatio('quarantinedRatio') quarantinedRatio?: number;
  @IsCount('quarantinedFloor', 0) quarantinedFloor?: number;
  @IsCount('unreadableFrom', 1) unreadableFrom?: number;
}

export class TypeLimitsRequest {
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) orgs?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) academicSessions?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) courses?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) classes?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) users?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) demographics?: LimitsRequest;
  @ApiPropertyOptional() @IfGiven() @IsPart(() => LimitsRequest) enrollments?: LimitsRequest;
}

export class RolloverRequest {
  @ApiProperty({ format: 'date-time', description: 'at most 366 days ahead' })
  @IsISO8601({ strict: true })
  until!: string;

  @ApiProperty({ type: LimitsRequest })
  @IsPart(() => LimitsRequest)
  limits!: LimitsRequest;
}
