import type { FolderLock } from '../folder-lock.js';
import { InfrastructureError } from '../infrastructure.errors.js';
import { startGuarded, type ChildCommand, type GuardedChild } from './guarded-child.js';

/** What every native server is given. */
export interface NativeOptions {
  readonly dataFolder: string;
  readonly lock: FolderLock;
  /** Nothing of it is needed after a power cut: no waiting for the disk. For tests only. */
  readonly throwAway: boolean;
  readonly progress: (line: string) => void;
  /** Where it listens; any free one if none is given. */
  readonly port?: number;
}

export interface NativeServer {
  readonly url: string;
  readonly child: GuardedChild;
}

const POLL_MS = 25;
const START_TIMEOUT_MS = 60_000;

/** Starts a server and waits until it answers; one that ends before it answered is an error with its last lines. */
export async function startServer(
  lock: FolderLock,
  command: ChildCommand,
  answers: () => Promise<void>,
): Promise<GuardedChild> {
  const child = startGuarded(command);
  if (child.pid > 0) lock.owns(child.pid);
  const until = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.hasEnded()) throw new InfrastructureError(await child.ended);
    try {
      await answers();
      return child;
    } catch (error) {
      if (Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        continue;
      }
      await child.close();
      throw new InfrastructureError(
        `${command.name} did not answer within ${START_TIMEOUT_MS / 1000} s (its log: ${command.logFile})`,
        { cause: error },
      );
    }
  }
}
