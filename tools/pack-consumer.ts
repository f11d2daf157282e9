/**
 * Packs the consumer kit for `npm install`: what it needs of our libraries, compiled with types, beside a package.json of
 * its own. Prints the path of the tarball.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packedLinks, type PackedPlaces } from './pack-consumer/packed-links.js';
import { projectFolder } from './project.js';

const SOURCE = join(projectFolder, 'libs/roster-consumer/package');
const FOLDER = join(projectFolder, 'dist/package');
const CONTRACT = 'contract/contract.md';
const PLACES: PackedPlaces = [
  ['docs/contract', 'contract'],
  ['docs/contract.md', CONTRACT],
  ['libs/roster-consumer/package/README.md', 'README.md'],
];

function run(file: string, ...args: readonly string[]): string {
  const { status, stdout } = spawnSync(file, args, {
    cwd: FOLDER,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) return stdout.trim();
  process.stderr.write(stdout);
  throw new Error(`${args[0] ?? file} failed`);
}

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const name of ['package.json', 'README.md']) cpSync(join(SOURCE, name), join(FOLDER, name));
cpSync(join(projectFolder, 'docs/contract'), join(FOLDER, 'contract'), { recursive: true });
const contract = readFileSync(join(projectFolder, 'docs/contract.md'), 'utf8');
writeFileSync(join(FOLDER, CONTRACT), packedLinks(contract, 'docs/contract.md', CONTRACT, PLACES));
run(
  process.execPath,
  join(projectFolder, 'node_modules/typescript/bin/tsc'),
  '-p',
  join(SOURCE, 'tsconfig.json'),
);
const destination = resolve(process.argv[2] ?? join(projectFolder, 'dist'));
mkdirSync(destination, { recursive: true });
const name = run('npm', 'pack', '--silent', '--pack-destination', destination).split('\n').at(-1) ?? '';
console.log(join(destination, name));
