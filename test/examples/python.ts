/* Python with what an example requires, installed by pip once into the cache. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder, cacheFolder } from '../../tools/infrastructure/native/cache.js';

export const PYTHON = 'python3';

/** The environment in which the example finds its packages. Throws, saying why, where there is no Python or no pip. */
export async function pythonEnvironment(requirements: string): Promise<NodeJS.ProcessEnv> {
  tryOut(['--version'], `this test needs ${PYTHON} on PATH`);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const packages = await cachedFolder(join(cacheFolder(), `python-${hash}`), async (into) => {
    const quietly = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
    const install = ['-m', 'pip', 'install', ...quietly, '--target', into, '-r', requirements];
    tryOut(install, `pip could not install ${requirements}`);
  });
  return { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: '1' };
}

function tryOut(args: readonly string[], whatIsWrong: string): void {
  try {
    execFileSync(PYTHON, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (cause) {
    const { stderr, message } = cause as Error & { stderr?: Buffer };
    throw new Error(`${whatIsWrong}: ${stderr?.toString() || message}`, { cause });
  }
}
