/** Where the districts come from: a file, School Passport itself, or else the sandbox. */
import { join } from 'node:path';
import { Discovery, SchoolPassportError, SchoolPassportSettingsError } from '#school-passport';
import { freePorts } from '../infrastructure/ports.js';
import { UsageError, type StartOptions } from './options.js';
import type { Services } from './services.js';

const SCHOOL_PASSPORT = [
  'SCHOOL_PASSPORT_URL',
  'SCHOOL_PASSPORT_CLIENT_ID',
  'SCHOOL_PASSPORT_CLIENT_SECRET',
] as const;

export interface Source {
  readonly kind: 'districts file' | 'School Passport' | 'sandbox';
  /** Settings that tell the services. */
  readonly env: Readonly<Record<string, string>>;
}

type SourceKind = Source['kind'];

/** Throws UsageError, naming the setting or the entry, and never a value. */
export async function chooseSource(
  { districtsFile }: StartOptions,
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<SourceKind> {
  const file = districtsFile ?? env.DISTRICTS_FILE;
  if (file) {
    const setting = districtsFile === null ? 'DISTRICTS_FILE' : '--districts';
    const { faults } = await usable(() => new Discovery({ districtsFile: file }).listWithFaults(), setting);
    for (const fault of faults) say(`left out: ${fault.replace('DISTRICTS_FILE', setting)}`);
    return 'districts file';
  }
  const url = env.SCHOOL_PASSPORT_URL;
  if (!url) return 'sandbox';
  const missing = SCHOOL_PASSPORT.filter((setting) => !env[setting]);
  if (missing.length > 0)
    throw new UsageError(`${missing.join(' and ')} must be set beside SCHOOL_PASSPORT_URL`);
  const allowHttp = env.SCHOOL_PASSPORT_ALLOW_HTTP === 'true';
  await usable(async () => new Discovery({ url, clientId: '', clientSecret: '', allowHttp }));
  return 'School Passport';
}

/** Refuses what the services would refuse, before anything is started. */
async function usable<T>(read: () => Promise<T>, setting = 'DISTRICTS_FILE'): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const isRefusal = error instanceof SchoolPassportSettingsError || error instanceof SchoolPassportError;
    if (!isRefusal) throw error;
    throw new UsageError(error.message.replace('DISTRICTS_FILE', setting), { cause: error });
  }
}

/** Starts the sandbox where that is the source; on a port of its own, so that a restart of it changes no URL. */
export async function openSource(
  kind: SourceKind,
  options: StartOptions,
  services: Services,
): Promise<Source> {
  switch (kind) {
    case 'districts file':
      return { kind, env: { DISTRICTS_FILE: options.districtsFile ?? process.env.DISTRICTS_FILE ?? '' } };
    case 'School Passport':
      return { kind, env: { DISTRICTS_FILE: '' } };
    case 'sandbox': {
      const [port] = await freePorts(1);
      const args = ['--port', String(port), '--data', join(options.dataFolder, 'sandbox')];
      const { url, clientId, clientSecret } = await services.start({ name: 'sandbox', args, env: {} });
      return {
        kind,
        env: {
          SCHOOL_PASSPORT_URL: url,
          SCHOOL_PASSPORT_CLIENT_ID: String(clientId),
          SCHOOL_PASSPORT_CLIENT_SECRET: String(clientSecret),
          SCHOOL_PASSPORT_ALLOW_HTTP: 'true',
          DISTRICTS_FILE: '',
        },
      };
    }
  }
}
