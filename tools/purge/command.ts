/** What purge and erase have in common: options, stores, and errors told in one line. */
import { ConfigError, EXIT_CONFIG, loadConfig } from '#service';
import { Stores, StoresConfig } from '../verify/stores.js';
import { DistrictBusyError, QuietLostError } from './quiet-district.js';

const EXIT_USAGE = 64;
const EXIT_LOST = 1;
export const EXIT_BUSY = 4;

export class UsageError extends Error {}

export async function runOnStores(name: string, act: (stores: Stores) => Promise<number>): Promise<number> {
  const stores = await Stores.open(loadConfig(StoresConfig));
  try {
    return await act(stores);
  } catch (error) {
    if (error instanceof QuietLostError) {
      process.stderr.write(`${name}: ${error.message}; nothing more was removed, run it again\n`);
      return EXIT_LOST;
    }
    if (!(error instanceof DistrictBusyError)) throw error;
    process.stderr.write(`${name}: ${error.message}; try again later\n`);
    return EXIT_BUSY;
  } finally {
    await stores.close();
  }
}

export async function toExitCode(name: string, main: () => Promise<number>): Promise<number> {
  try {
    return await main();
  } catch (error) {
    const isUsage =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
    if (!isUsage && !(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${(error as Error).message}\n`);
    return isUsage ? EXIT_USAGE : EXIT_CONFIG;
  }
}
