/** PostgreSQL on loopback only, with a superuser `rollcall` and no password. */
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { postgresAnswers } from '../answers.js';
import { InfrastructureError } from '../infrastructure.errors.js';
import { freePorts } from '../ports.js';
import { findPostgres, unprivilegedUser, type PostgresPrograms, type User } from './postgres-programs.js';
import { run } from './run.js';
import { startServer, type NativeOptions, type NativeServer } from './server.js';

const USER = 'rollcall';
const OUTSIDE = '/var/lib/rollcall';

export async function startPostgres(options: NativeOptions): Promise<NativeServer> {
  const user = await unprivilegedUser();
  const programs = await findPostgres(user);
  const folder = await folderOf(options.dataFolder, user);
  const cluster = join(folder, `cluster-${programs.major}`);
  if (!existsSync(cluster)) await initialise(programs, cluster, folder, user);
  const [port = 0] = options.port === undefined ? await freePorts(1) : [options.port];
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '256MB',
    max_connections: 200,
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    wal_compression: 'on',
    jit: 'off',
    timezone: 'UTC',
    ...(options.throwAway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const child = await startServer(
    options.lock,
    {
      name: 'PostgreSQL',
      command: [
        programs.postgres,
        '-D',
        cluster,
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      stopSignal: 'INT',
      logFile: join(options.dataFolder, 'postgres.log'),
      cwd: folder,
      ...user,
    },
    () => postgresAnswers(url),
  );
  return { url, child };
}

/** Removes what a data folder's Postgres keeps outside of it. */
export function removePostgresOutside(dataFolder: string): void {
  rmSync(outsideOf(dataFolder), { recursive: true, force: true });
}

const outsideOf = (dataFolder: string): string =>
  join(OUTSIDE, createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16));

// In the data folder, unless the unprivileged user cannot get there (a home that only root may enter).
async function folderOf(dataFolder: string, user: User): Promise<string> {
  const inside = join(dataFolder, 'postgres');
  mkdirSync(inside, { recursive: true, mode: 0o700 });
  if (user.uid === undefined || user.gid === undefined) return inside;
  chownSync(inside, user.uid, user.gid);
  if ((await run('/bin/sh', ['-c', 'cd "$1" && test -w .', 'sh', inside], { cwd: '/', ...user })).ok)
    return inside;
  const outside = outsideOf(dataFolder);
  mkdirSync(OUTSIDE, { recursive: true, mode: 0o755 });
  mkdirSync(outside, { recursive: true, mode: 0o700 });
  chownSync(outside, user.uid, user.gid);
  return outside;
}

async function initialise(
  programs: PostgresPrograms,
  cluster: string,
  folder: string,
  user: User,
): Promise<void> {
  const draft = `${cluster}.draft`;
  rmSync(draft, { recursive: true, force: true });
  const made = await run(
    programs.initdb,
    ['-D', draft, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { cwd: folder, ...user },
  );
  if (!made.ok) throw new InfrastructureError(`initdb failed: ${made.output}`);
  // As the user who owns the folder; the cluster names no path of its own.
  const moved = await run('mv', [draft, cluster], { cwd: folder, ...user });
  if (!moved.ok)
    throw new InfrastructureError(`the new database cluster could not be moved: ${moved.output}`);
}
