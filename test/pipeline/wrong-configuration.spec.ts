import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fleet, type Settings } from './support/fleet.js';
import type { ServiceName } from './support/ground.js';

/** A value that no message may repeat. */
const SECRET = 'hunter2';
const EXIT_CONFIG = 78;

/** Nothing listens there: a service that gets past its configuration fails otherwise. */
const RIGHT: Settings = {
  ROLLCALL_NAMESPACE: 'wrong_configuration',
  ROLLCALL_PARTITIONS: '3',
  KAFKA_BROKERS: '127.0.0.1:9',
  REDIS_URL: 'redis://127.0.0.1:9',
  DATABASE_URL: 'postgres://127.0.0.1:9/none',
  SCHOOL_PASSPORT_URL: 'http://127.0.0.1:9',
  SCHOOL_PASSPORT_CLIENT_ID: 'partner',
  SCHOOL_PASSPORT_CLIENT_SECRET: SECRET,
  SCHOOL_PASSPORT_ALLOW_HTTP: 'true',
};

type Wrong = readonly [service: ServiceName, setting: string, value: string, constraint: RegExp];

const WRONG: readonly Wrong[] = [
  ['coordinator', 'SCHOOL_PASSPORT_CLIENT_SECRET', '', /must be set/],
  ['coordinator', 'HTTP_HOST', '0.0.0.0', /COORDINATOR_TOKEN must be set where HTTP_HOST is not loopback/],
  ['coordinator', 'DATABASE_URL', `mysql://rollcall:${SECRET}@127.0.0.1/none`, /postgres:\/\//],
  ['coordinator', 'RUN_RETRY_MS', `1000,${SECRET}`, /milliseconds/],
  ['fetcher', 'DATABASE_URL', '', /must be set/],
  ['fetcher', 'FETCHER_CONCURRENCY', '0', /must not be less than 1/],
  ['fetcher', 'SCHOOL_PASSPORT_ALLOW_HTTP', SECRET, /true or false/],
  ['reconciler', 'REDIS_URL', `http://:${SECRET}@127.0.0.1`, /redis:\/\//],
  ['reconciler', 'ROLLCALL_PARTITIONS', SECRET, /integer/],
  ['reconciler', 'KAFKA_BROKERS', '', /host:port/],
  [
    'reconciler',
    'KAFKA_SASL_MECHANISM',
    'plain',
    /KAFKA_SASL_PASSWORD must be set with KAFKA_SASL_MECHANISM/,
  ],
  ['persister', 'KAFKA_BROKERS', `127.0.0.1:${SECRET}`, /host:port/],
  ['persister', 'DATABASE_URL', SECRET, /postgres:\/\//],
  ['persister', 'ROLLCALL_NAMESPACE', `Not_${SECRET}`, /a-z, 0-9/],
];

describe('a wrong or missing setting ends a service before it touches anything', () => {
  let folder: string;
  let fleet: Fleet;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-pipeline-'));
    fleet = new Fleet(folder, RIGHT);
  });
  afterAll(async () => {
    await fleet.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(WRONG)('the %s names %s and its constraint, never its value', async (name, setting, value, why) => {
    const refused = fleet.launch(name, { [setting]: value });
    refused.expectEnd();
    expect(await refused.exitCode()).toBe(EXIT_CONFIG);
    const said = refused.text();
    expect(said).toMatch(new RegExp(`^${name}: configuration: [^\\n]*\\b${setting}\\b[^\\n]*\\n$`));
    expect(said).toMatch(why);
    expect(said).not.toContain(SECRET);
  });
});
