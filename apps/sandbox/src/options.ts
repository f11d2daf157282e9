import { parseArgs } from 'node:util';
import { MAX_RECORDS, MIN_RECORDS } from './roster/layout.js';
import {
  SCHOOL_PASSPORT,
  SERVICE_AUTHS,
  SERVICE_VERSIONS,
  type ServiceKind,
} from './sharing/service-kind.js';

export interface SandboxOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly folder: string;
  readonly seed: number;
  /** Districts of the documented size. */
  readonly districts: number;
  /** One more district of this many records. */
  readonly records: number | null;
  /** One district from the OneRoster CSV files in this folder. */
  readonly csv: string | null;
  /** Serves every district in this way; absent: as before, at first as School Passport. */
  readonly service?: ServiceKind;
}

export class OptionsError extends Error {}

export const USAGE =
  'usage: sandbox [--port 0] [--data DIR] [--seed 1] [--districts 2] [--records N] [--csv DIR]\n' +
  `               [--version ${SERVICE_VERSIONS.join('|')}] [--auth ${SERVICE_AUTHS.join('|')}]\n` +
  '  --districts counts districts of the documented size (with --csv or --records: 0 unless given);\n' +
  `  --records adds one of N records (${MIN_RECORDS} to ${MAX_RECORDS}), --csv one from OneRoster 1.1 CSV files.`;

export function readOptions(args: readonly string[]): SandboxOptions {
  const values = parse(args);
  const csv = values.csv ?? null;
  const records =
    values.records === undefined ? null : whole('records', values.records, MIN_RECORDS, MAX_RECORDS);
  const alone = csv !== null || records !== null;
  const options: SandboxOptions = {
    port: whole('port', values.port ?? '0', 0, 65_535),
    folder: values.data ?? '.rollcall/sandbox',
    seed: whole('seed', values.seed ?? '1', 0, 0xffff_ffff),
    districts: whole('districts', values.districts ?? (alone ? '0' : '2'), 0, 1_000),
    records,
    csv,
    ...serviceOf(values.version, values.auth),
  };
  if (options.districts === 0 && !alone) throw new OptionsError('--districts 0 needs --records or --csv');
  return options;
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const options = { port: text, data: text, seed: text, districts: text, records: text, csv: text };
  const service = { version: text, auth: text };
  try {
    return parseArgs({ args: [...args], options: { ...options, ...service } }).values;
  } catch (cause) {
    throw new OptionsError('an option that is not known, or without its value', { cause });
  }
}

function serviceOf(version?: string, auth?: string): Pick<SandboxOptions, 'service'> {
  if (version === undefined && auth === undefined) return {};
  return {
    service: {
      version: oneOf('version', SERVICE_VERSIONS, version ?? SCHOOL_PASSPORT.version),
      auth: oneOf('auth', SERVICE_AUTHS, auth ?? SCHOOL_PASSPORT.auth),
    },
  };
}

function oneOf<T extends string>(name: string, words: readonly T[], text: string): T {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new OptionsError(`--${name} must be one of ${words.join(', ')}`);
}

function whole(name: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new OptionsError(`--${name} must be a whole number from ${least} to ${most}`);
}
