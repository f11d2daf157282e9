import { OptionsError, readOptions, USAGE } from './options.js';
import { NOTE, startSandbox } from './sandbox.js';

const EXIT_CONFIGURATION = 78;

try {
  const { url, partner, ...sandbox } = await startSandbox(readOptions(process.argv.slice(2)));
  process.stdout.write(
    `${JSON.stringify({ event: 'listening', service: 'sandbox', url, ...partner, note: NOTE })}\n`,
  );
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void sandbox.close().then(() => process.exit(0)));
  }
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  process.stderr.write(`${error.message}\n${USAGE}\n`);
  process.exitCode = EXIT_CONFIGURATION;
}
