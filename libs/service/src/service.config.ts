import {
  ArrayNotEmpty,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  ValidateIf,
} from 'class-validator';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const hasMechanism = ({ KAFKA_SASL_MECHANISM }: ServiceConfig): boolean => Boolean(KAFKA_SASL_MECHANISM);

/** Settings every service has; a service extends it with its own. */
export class ServiceConfig {
  /** Prefixes topics, groups and Redis keys, and names the database. */
  @Matches(/^[a-z][a-z0-9_]{0,30}$/, {
    message: 'ROLLCALL_NAMESPACE must be 1 to 31 of a-z, 0-9 and _, beginning with a letter',
  })
  ROLLCALL_NAMESPACE: string = 'rollcall';

  /** P: partitions of the raw log and of each change topic, chosen once. */
  @IsInt()
  @Min(1)
  @Max(1000)
  ROLLCALL_PARTITIONS: number = 12;

  /** Address of the health and metrics server. */
  @IsString()
  HTTP_HOST: string = '127.0.0.1';

  /** 0 takes any free port; the log line `listening` says which. */
  @IsInt()
  @Min(0)
  @Max(65535)
  HTTP_PORT: number = 0;

  @IsIn(LOG_LEVELS)
  LOG_LEVEL: LogLevel = 'info';

  /** host:port, separated by commas. */
  @ArrayNotEmpty({ message: 'KAFKA_BROKERS must be set to host:port, or several separated by commas' })
  @Matches(/^[^\s:,/]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, {
    each: true,
    message: 'KAFKA_BROKERS must be set to host:port, or several separated by commas',
  })
  KAFKA_BROKERS: string[] = [];

  @IsBoolean()
  KAFKA_SSL: boolean = false;

  @IsOptional()
  @IsIn(['plain', 'scram-sha-256', 'scram-sha-512'])
  KAFKA_SASL_MECHANISM?: string;

  @ValidateIf(hasMechanism)
  @IsNotEmpty({ message: 'KAFKA_SASL_USERNAME must be set with KAFKA_SASL_MECHANISM' })
  KAFKA_SASL_USERNAME?: string;

  @ValidateIf(hasMechanism)
  @IsNotEmpty({ message: 'KAFKA_SASL_PASSWORD must be set with KAFKA_SASL_MECHANISM' })
  KAFKA_SASL_PASSWORD?: string;

  @IsIn(['none', 'gzip'])
  KAFKA_COMPRESSION: string = 'none';

  /** Replicas of the topics a service creates. */
  @IsInt()
  @Min(1)
  @Max(9)
  KAFKA_REPLICATION: number = 1;
}
