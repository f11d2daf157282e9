/** Proves that topics, tables and index hold the same, names what differs, and mends it if asked. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { ENTITY_TYPES, isEntityType, type EntityType } from '#contracts';
import { ConfigError, EXIT_CONFIG, loadConfig } from '#service';
import type { Difference } from './verify/differences.js';
import { Repair } from './verify/repair.js';
import { Stores, StoresConfig } from './verify/stores.js';
import { Verification, type Outcome } from './verify/verification.js';

const USAGE = `npm run verify -- [--deep] [--repair] [--type TYPE]... [--district ID] [--json]
  compares sums of rows and of the index, and every record of the types where they differ
  --deep     every record of every type: topic, row (its fingerprint computed anew) and index entry
  --repair   mends what differs from the topic, and looks again
  needs KAFKA_BROKERS, REDIS_URL, DATABASE_URL, and a role that may read everything (--repair: remove rows)
  exit: 0 all is equal (or was mended), 2 something differs, 3 not all could be judged: the persister is
  behind, or a run is changing what was compared`;
const EXIT_DIFFERENT = 2;
const EXIT_NOT_JUDGED = 3;
const EXIT_USAGE = 64;
const NAMED = 1_000;

interface Options {
  readonly deep: boolean;
  readonly repair: boolean;
  readonly json: boolean;
  readonly types: readonly EntityType[];
  readonly districtId?: string;
}

class UsageError extends Error {}

function readOptions(): Options | null {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      deep: flag,
      repair: flag,
      json: flag,
      help: flag,
      type: { type: 'string', multiple: true },
      district: { type: 'string' },
    },
  });
  if (values.help) return null;
  const types = (values.type ?? ENTITY_TYPES).map((type) => {
    if (isEntityType(type)) return type;
    throw new UsageError(`--type is one of ${ENTITY_TYPES.join(', ')}`);
  });
  const { deep, repair, json } = values;
  return {
    deep,
    repair,
    json,
    types,
    ...(values.district === undefined ? {} : { districtId: values.district }),
  };
}

async function verify(stores: Stores, options: Options): Promise<number> {
  const verification = new Verification(stores, options.districtId);
  const found = await lookAt(verification, options, options.deep);
  let left = found;
  if (options.repair && found.differences.length > 0) {
    await new Repair(stores, `verify-${process.pid}-${Date.now()}`).mend(found.differences);
    left = await lookAt(verification, options, true);
  }
  tell(options, found, left);
  if (left.differences.length > 0) return EXIT_DIFFERENT;
  return left.behind.length + left.moving.length > 0 ? EXIT_NOT_JUDGED : 0;
}

async function lookAt(verification: Verification, { types }: Options, deep: boolean): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const type of types) {
    if (deep || !(await verification.sumsAreEqual(type))) outcomes.push(await verification.deep(type));
  }
  return {
    compared: outcomes.reduce((sum, { compared }) => sum + compared, 0),
    differences: outcomes.flatMap(({ differences }) => differences),
    behind: outcomes.flatMap(({ behind }) => behind),
    moving: outcomes.flatMap(({ moving }) => moving),
  };
}

function tell({ json, repair }: Options, found: Outcome, left: Outcome): void {
  const { compared, behind, moving } = left;
  const mended = found.differences.length - left.differences.length;
  const named = found.differences.slice(0, NAMED).map(nameOf);
  if (json) {
    const counts = { compared, differences: found.differences.length, left: left.differences.length };
    process.stdout.write(`${JSON.stringify({ ...counts, named, behind, moving })}\n`);
    return;
  }
  for (const { copy, entityType, districtId, gg4lId, what } of named) {
    process.stdout.write(`${copy} ${entityType} ${districtId} ${JSON.stringify(gg4lId)}: ${what}\n`);
  }
  for (const place of behind) process.stdout.write(`not judged, the persister is behind: ${place}\n`);
  for (const place of moving) process.stdout.write(`not judged, a run is changing it: ${place}\n`);
  const sums = compared === 0 && behind.length === 0 ? 'sums are equal, ' : '';
  const total = `${sums}${compared} rows and entries compared, ${found.differences.length} differ`;
  process.stdout.write(`${total}${repair ? `, ${mended} mended` : ''}\n`);
}

function nameOf({ copy, entityType, partition, districtId, gg4lId, what }: Difference): Difference {
  return { copy, entityType, partition, districtId, gg4lId, what };
}

async function main(): Promise<number> {
  try {
    const options = readOptions();
    if (options === null) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const stores = await Stores.open(loadConfig(StoresConfig));
    try {
      return await verify(stores, options);
    } finally {
      await stores.close();
    }
  } catch (error) {
    const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (error instanceof Error && (error instanceof ConfigError || isUsage || error instanceof UsageError)) {
      process.stderr.write(`verify: ${error.message}\n`);
      return error instanceof ConfigError ? EXIT_CONFIG : EXIT_USAGE;
    }
    throw error;
  }
}

process.exitCode = await main();
