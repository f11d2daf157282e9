import { IsBoolean, IsNotEmpty, IsString, ValidateIf } from 'class-validator';
import { ServiceConfig } from '#service';
import type { DiscoverySettings } from './discovery/discovery.client.js';

const asksSchoolPassport = (config: SchoolPassportConfig): boolean => !config.DISTRICTS_FILE;
const isMissing = 'must be set (or DISTRICTS_FILE instead of School Passport)';

/** Where the districts come from: School Passport, or a file. Base of the configuration of services that ask. */
export class SchoolPassportConfig extends ServiceConfig {
  @ValidateIf(asksSchoolPassport)
  @IsNotEmpty({ message: `SCHOOL_PASSPORT_URL ${isMissing}` })
  SCHOOL_PASSPORT_URL: string = '';

  @ValidateIf(asksSchoolPassport)
  @IsNotEmpty({ message: `SCHOOL_PASSPORT_CLIENT_ID ${isMissing}` })
  SCHOOL_PASSPORT_CLIENT_ID: string = '';

  @ValidateIf(asksSchoolPassport)
  @IsNotEmpty({ message: `SCHOOL_PASSPORT_CLIENT_SECRET ${isMissing}` })
  SCHOOL_PASSPORT_CLIENT_SECRET: string = '';

  /** Plain http, to loopback only. */
  @IsBoolean({ message: 'SCHOOL_PASSPORT_ALLOW_HTTP must be true or false' })
  SCHOOL_PASSPORT_ALLOW_HTTP: boolean = false;

  /** JSON list of districts to read instead of asking School Passport; read again at every use. */
  @IsString()
  DISTRICTS_FILE: string = '';
}

export function discoverySettings(config: SchoolPassportConfig): DiscoverySettings {
  if (config.DISTRICTS_FILE !== '') return { districtsFile: config.DISTRICTS_FILE };
  return {
    url: config.SCHOOL_PASSPORT_URL,
    clientId: config.SCHOOL_PASSPORT_CLIENT_ID,
    clientSecret: config.SCHOOL_PASSPORT_CLIENT_SECRET,
    allowHttp: config.SCHOOL_PASSPORT_ALLOW_HTTP,
  };
}
