import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { defaultDataFolder } from '../project.js';

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly fresh: boolean;
  readonly help: boolean;
  readonly districtsFile: string | null;
  readonly dataFolder: string;
}

/** An option that does not exist, or is not usable; exit 64. */
export class UsageError extends Error {}

export const USAGE = `npm start -- [options]
  --once            one run for every district, then stop
  --json            the summary as one line of JSON, the last of stdout (the rest on stderr)
  --dry-run         stop each run after its plan
  --districts FILE  read the districts of this JSON list instead of the sandbox's
  --data DIR        where state is kept between invocations (default .rollcall)
  --fresh           wipe the namespace's state first
  --help            this`;

export function readOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new UsageError(`--${name} needs a value`);
  }
  return {
    once: values.once ?? false,
    json: values.json ?? false,
    dryRun: values['dry-run'] ?? false,
    fresh: values.fresh ?? false,
    help: values.help ?? false,
    districtsFile: values.districts === undefined ? null : resolve(values.districts),
    dataFolder: resolve(values.data ?? defaultDataFolder),
  };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const text = { type: 'string' } as const;
  const options = {
    ...{ once: flag, json: flag, 'dry-run': flag, fresh: flag, help: flag },
    ...{ districts: text, data: text },
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    throw new UsageError(`${(error as Error).message} (--help lists the options)`, { cause: error });
  }
}
