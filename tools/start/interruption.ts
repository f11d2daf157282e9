/**
 * What ends a command before its time: a signal, or nobody reading what it says. The first ends everything in order,
 * a later signal at once: what we started then ends by itself.
 */
export const EXIT_INTERRUPTED = 130;

/** One Ctrl-C comes twice, from the terminal and once more from npm. */
const SAME_CTRL_C_MS = 500;

export class Interrupted extends Error {}

/** Rejects with Interrupted. */
export function awaitInterruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    let firstAt: number | null = null;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        firstAt ??= Date.now();
        if (Date.now() - firstAt > SAME_CTRL_C_MS) process.exit(EXIT_INTERRUPTED);
        reject(new Interrupted(signal));
      });
    }
    for (const stream of [process.stdout, process.stderr])
      stream.on('error', (error) => reject(new Interrupted('nobody reads the output', { cause: error })));
  });
  interrupted.catch(() => undefined); // it may come while nobody waits for it
  return interrupted;
}

/** For what cannot be ended in order yet, as servers on their way up: an interruption exits at once. */
export async function orExit<T>(work: Promise<T>, interrupted: Promise<never>): Promise<T> {
  try {
    return await Promise.race([work, interrupted]);
  } catch (error) {
    if (error instanceof Interrupted) process.exit(EXIT_INTERRUPTED);
    throw error;
  }
}
