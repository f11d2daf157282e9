import {
  IsBoolean,
  IsNotEmpty,
  IsString,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { ServiceConfig } from '#service';
import type { DiscoverySettings } from './discovery/discovery.client.js';
import { isHostPattern } from './connection/allowed-hosts.js';
import { toBlockList } from './connection/networks.js';
import type { HttpSettings } from './http/http.client.js';
import { toSafeUrl } from './http/urls.js';
import { SchoolPassportError } from './school-passport.errors.js';

const asksSchoolPassport = (config: SchoolPassportConfig): boolean => !config.DISTRICTS_FILE;
const isMissing = 'must be set (or DISTRICTS_FILE instead of School Passport)';

/** What Discovery would refuse of it, told as a wrong setting. */
function whyUnsafe({ property, value, object }: ValidationArguments): string | null {
  if (value === '') return null;
  try {
    toSafeUrl(property, String(value), (object as SchoolPassportConfig).SCHOOL_PASSPORT_ALLOW_HTTP);
    return null;
  } catch (error) {
    if (error instanceof SchoolPassportError) return error.message;
    throw error;
  }
}

const IsSafeUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isSafeUrl',
    validator: {
      validate: (_, facts) => facts !== undefined && whyUnsafe(facts) === null,
      defaultMessage: (facts) => (facts === undefined ? '' : (whyUnsafe(facts) ?? '')),
    },
  });

/** Where the districts come from: School Passport, or a file. Base of the configuration of services that ask. */
export class SchoolPassportConfig extends ServiceConfig {
  @ValidateIf(asksSchoolPassport)
  @IsNotEmpty({ message: `SCHOOL_PASSPORT_URL ${isMissing}` })
  @IsSafeUrl()
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

  /** Hosts that may be asked, Discovery's and the token ends' included; `*.` and a name for all below it. */
  @ValidateBy({
    name: 'isHostList',
    validator: {
      validate: (hosts) => Array.isArray(hosts) && hosts.every((host) => isHostPattern(String(host))),
      defaultMessage: () => 'SOURCE_HOSTS must be host names, or *. and a name, separated by commas',
    },
  })
  SOURCE_HOSTS: string[] = [];

  /** Networks that are not public and may be asked over https all the same. */
  @ValidateBy({
    name: 'isNetworkList',
    validator: {
      validate: isNetworkList,
      defaultMessage: () => 'SOURCE_PRIVATE_NETWORKS must be address/bits, separated by commas',
    },
  })
  SOURCE_PRIVATE_NETWORKS: string[] = [];
}

function isNetworkList(networks: unknown): boolean {
  try {
    return Array.isArray(networks) && Boolean(toBlockList(networks.map(String)));
  } catch {
    return false;
  }
}

/** Whom the client may ask. */
export function reachSettings(config: SchoolPassportConfig): Pick<HttpSettings, 'hosts' | 'privateNetworks'> {
  return { hosts: config.SOURCE_HOSTS, privateNetworks: config.SOURCE_PRIVATE_NETWORKS };
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
