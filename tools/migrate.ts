/** Brings the schemas `ledger` and `roster` of the namespace's database to this version, and ends. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './project.js';

const OWNERS = ['coordinator', 'persister'];
const EXIT_USAGE = 64;
const EXIT_CONFIG = 78;

function migrate(app: string): Promise<number> {
  const main = join(projectFolder, 'dist', 'apps', app, 'src', 'main.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', main, 'migrate'], { stdio: 'inherit' });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(): Promise<number> {
  if (process.argv.length > 2) {
    process.stderr.write('migrate: takes no options; it migrates what DATABASE_URL names\n');
    return EXIT_USAGE;
  }
  if (!process.env.DATABASE_URL) {
    process.stderr.write('migrate: DATABASE_URL must be set to postgres://…\n');
    return EXIT_CONFIG;
  }
  for (const app of OWNERS) {
    const code = await migrate(app);
    if (code !== 0) return code;
  }
  return 0;
}

process.exitCode = await main();
