// Every npm command comes through here: installs and builds what is missing or changed, then becomes the built
// command, in this same process, so that signals and exit codes are the command's own.
// No dependency, because nothing may be installed yet; stdout belongs to the command.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const [command = '', ...args] = process.argv.slice(2);
const main = join(dist, 'tools', `${command}.js`);
const say = (line) => process.stderr.write(`rollcall: ${line}\n`);

class Stop extends Error {}

try {
  checkNode();
  checkCommand();
  install();
  const startedAt = performance.now();
  const built = build();
  process.env.ROLLCALL_BUILD = JSON.stringify({ built, ms: Math.round(performance.now() - startedAt) });
  if (!built && !(command === 'test' && existsSync(main))) throw new Stop('the build failed');
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  say(error.message);
  if (command === 'test') process.stdout.write('0 passed, 1 failed\n');
  process.exit(1);
}
endWithNpm();
process.argv.splice(1, process.argv.length - 1, main, ...args);
process.setSourceMapsEnabled(true);
await import(pathToFileURL(main).href);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(`needs Node 20.19 or newer, this is ${process.versions.node}`);
}

function checkCommand() {
  if (/^[a-z-]+$/.test(command) && existsSync(join(root, 'tools', `${command}.ts`))) return;
  throw new Stop(`there is no command ${JSON.stringify(command)}: see "scripts" in package.json`);
}

function install() {
  const stamp = join(root, 'node_modules', '.rollcall-installed');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  say('installing packages (once)');
  // A lock file made on one platform may lack the optional packages of another, and npm ci then refuses the whole.
  if (!npm('ci', '--silent') && !npm('install', '--no-save', '--loglevel=error')) {
    throw new Stop('the packages could not be installed');
  }
  writeFileSync(stamp, lock);
}

function npm(...words) {
  const ran = spawnSync('npm', [...words, '--include=dev'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (ran.error?.code === 'ENOENT') throw new Stop('needs npm on PATH');
  return ran.status === 0;
}

/** Whether dist/ is now what the sources say. Outputs of sources that are gone are gone too. */
function build() {
  const stamp = join(dist, '.sources');
  const sources = sourceFiles();
  const now = JSON.stringify(sources);
  const before = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '[]';
  if (before === now && existsSync(main)) return true;
  const remaining = new Set(sources.map(([file]) => file));
  const clean = !existsSync(main) || JSON.parse(before).some(([file]) => !remaining.has(file));
  if (clean) rmSync(dist, { recursive: true, force: true });
  say(clean ? 'building' : 'building what changed');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.json'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  mkdirSync(dist, { recursive: true });
  // After a failed build the list is kept without times, so that the next build runs but still sees what has gone.
  const built = compiled.status === 0;
  writeFileSync(stamp, built ? now : JSON.stringify(sources.map(([file]) => [file])));
  return built;
}

function sourceFiles() {
  const files = ['apps', 'libs', 'tools', 'test'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true })
          .filter((file) => file.endsWith('.ts'))
          .map((file) => `${folder}/${file}`)
      : [],
  );
  return ['package-lock.json', 'package.json', 'tsconfig.json', ...files.sort()].map((file) => {
    const { mtimeMs, size } = statSync(join(root, file));
    return [file, mtimeMs, size];
  });
}

// npm passes signals on, but it cannot when it is killed hard: then we are somebody else's child, and stop.
// (The scripts of package.json say `exec`, so that npm is our parent and no shell stands between.)
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}
