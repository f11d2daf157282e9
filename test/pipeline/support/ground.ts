/*
 * Everything a suite stands on: a namespace of its own on the servers of this run, the sandbox, and whichever services
 * the suite starts. close() ends every process and takes the namespace away.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dropRoles } from '../../../apps/persister/src/roster-store/migrations/roles.js';
import { ensureDatabase } from '../../../tools/infrastructure/answers.js';
import { wipeNamespace } from '../../../tools/start/wipe.js';
import { CoordinatorClient } from './coordinator.client.js';
import { copyOf, differences, truthOf } from './equality.js';
import { Fleet, type Settings } from './fleet.js';
import { RosterRows } from './roster-rows.js';
import type { Running } from './running.js';
import { SandboxClient, type Partner } from './sandbox.client.js';
import { GROUPS, PARTITIONS, Topics } from './topics.js';
import { WITHIN_MS } from './until.js';

/** Short, so that what waits for a time-out waits little. */
const SHORT_TIMES: Settings = {
  COORDINATOR_STEP_MS: '50',
  COORDINATOR_LEASE_MS: '1500',
  RUN_RESEND_MS: '2000',
  RUN_RETRY_MS: '300',
  FETCHER_LEASE_MS: '2000',
  FETCHER_LEASE_RENEW_MS: '400',
  FETCHER_POLL_MS: '50',
};

export const SERVICES = ['coordinator', 'fetcher', 'reconciler', 'persister'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface GroundOptions {
  /** Of every service. */
  readonly settings?: Settings;
  /** How long services wait for what, where it is not as they do by themselves. */
  readonly times?: Settings;
  /** How long the coordinator may take to answer, to open a run and to bring one to its end. */
  readonly withinMs?: number;
}

export class Ground {
  /** Archived events that were right when they were looked at. */
  private readonly judged = new Set<string>();

  private constructor(
    readonly namespace: string,
    readonly urls: Parameters<typeof wipeNamespace>[0],
    private readonly folder: string,
    readonly fleet: Fleet,
    readonly sandbox: SandboxClient,
    readonly partner: Partner,
    readonly coordinator: CoordinatorClient,
    readonly rows: RosterRows,
    readonly topics: Topics,
    private readonly admin: { at: Running | null },
  ) {}

  static async open(
    name: string,
    sandboxArgs: readonly string[] = [],
    { settings = {}, times = SHORT_TIMES, withinMs = WITHIN_MS }: GroundOptions = {},
  ): Promise<Ground> {
    const namespace = `p_${name}_${randomBytes(4).toString('hex')}`;
    const kafkaBrokers = setting('KAFKA_BROKERS');
    const databaseUrl = await ensureDatabase(setting('DATABASE_URL'), namespace);
    const folder = mkdtempSync(join(tmpdir(), 'rollcall-pipeline-'));
    const source = new Fleet(folder, {});
    const args = ['--port', '0', '--data', join(folder, 'sandbox'), ...sandboxArgs];
    const sandbox = await source.start('sandbox', {}, args);
    const said = sandbox.listening();
    const partner = { clientId: String(said?.clientId), clientSecret: String(said?.clientSecret) };
    const fleet = new Fleet(join(folder, 'services'), {
      ...times,
      ROLLCALL_NAMESPACE: namespace,
      ROLLCALL_PARTITIONS: String(PARTITIONS),
      COORDINATOR_SCHEDULE: 'off',
      HTTP_PORT: '0',
      SCHOOL_PASSPORT_URL: sandbox.url,
      SCHOOL_PASSPORT_CLIENT_ID: partner.clientId,
      SCHOOL_PASSPORT_CLIENT_SECRET: partner.clientSecret,
      SCHOOL_PASSPORT_ALLOW_HTTP: 'true',
      ...settings,
    });
    fleet.adopt(sandbox);
    const admin: { at: Running | null } = { at: null };
    const url = (): string | null => (admin.at?.isAwake === true ? admin.at.url : null);
    const coordinator = new CoordinatorClient(fleet, url, withinMs);
    const urls = { kafkaBrokers, redisUrl: setting('REDIS_URL'), databaseUrl };
    return new Ground(
      namespace,
      urls,
      folder,
      fleet,
      new SandboxClient(sandbox.url),
      partner,
      coordinator,
      new RosterRows(databaseUrl),
      new Topics(namespace, kafkaBrokers),
      admin,
    );
  }

  /** The one that is asked from now on. */
  ask(coordinator: Running): void {
    this.admin.at = coordinator;
  }

  async startServices() {
    const services = await this.fleet.startAll(SERVICES);
    this.ask(services.coordinator);
    return services;
  }

  /** All but the sandbox, side by side; each must end well. */
  async stopServices(): Promise<void> {
    await this.fleet.stop(...SERVICES);
  }

  /** Another process of a service beside those that run; the newest coordinator is the one that is asked. */
  async start(name: ServiceName, settings: Settings = {}): Promise<Running> {
    const running = await this.fleet.start(name, settings);
    if (name === 'coordinator') this.ask(running);
    return running;
  }

  /** All processes of a service stop well and one with these settings takes their place. */
  async replace(name: ServiceName, settings: Settings = {}): Promise<Running> {
    await this.fleet.stop(name);
    return this.start(name, settings);
  }

  /** After a kill: a new process, without the wait until the broker misses the old one. */
  async revive(name: ServiceName, settings: Settings = {}): Promise<Running> {
    const group = GROUPS.find((one) => one === name);
    if (group !== undefined) await this.topics.expel(group);
    return this.start(name, settings);
  }

  async firstDistrict(): Promise<string> {
    const [districtId] = await this.districtIds();
    if (districtId === undefined) throw new Error('the sandbox has no district');
    return districtId;
  }

  async districtIds(): Promise<readonly string[]> {
    return (await this.sandbox.districts()).map(({ districtId }) => districtId);
  }

  /** Equal records and equal archived sets, nobody wrongly archived meanwhile; and every process lives that should. */
  async expectEqual(districtId: string): Promise<void> {
    this.fleet.assertAlive();
    const truth = await truthOf(this.sandbox, districtId);
    const unequal = differences(truth, await copyOf(this.rows, districtId));
    const archived = (await this.topics.events()).filter(
      (event) => event.districtId === districtId && event.verb === 'archived',
    );
    const fresh = archived.filter(({ id }) => !this.judged.has(id));
    const wrong = fresh.filter(({ entityType, gg4lId }) => !truth[entityType]?.archived.includes(gg4lId));
    const wrongs = wrong.map(({ entityType, gg4lId }) => `${entityType} ${gg4lId} was archived while shared`);
    if (unequal.length + wrongs.length > 0) throw new Error([...unequal, ...wrongs].join('\n'));
    for (const { id } of fresh) this.judged.add(id);
  }

  async close(): Promise<void> {
    await this.fleet.close();
    await Promise.all(GROUPS.map((group) => this.topics.expel(group)));
    await Promise.all([this.rows.close(), this.topics.close()]);
    await wipeNamespace(this.urls, this.namespace);
    const client = new pg.Client({ connectionString: setting('DATABASE_URL') });
    await client.connect();
    try {
      await client.query(`drop database ${pg.escapeIdentifier(this.namespace)}`);
      await client.query(dropRoles(this.namespace));
    } finally {
      await client.end();
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set: globalSetup sets it`);
  return value;
}
