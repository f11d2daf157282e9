/**
 * A server that cannot outlive us. It runs under a small shell that holds the reading end of a pipe of which
 * only we hold the writing end: when we close it, or die in whatever way, the shell ends the server with its
 * stop signal, and with SIGKILL if that is not enough. The shell leads a session of its own, so that Ctrl-C in
 * the terminal reaches only us and servers stop after what uses them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

export interface ChildCommand {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly stopSignal: 'TERM' | 'INT' | 'KILL';
  /** Where stdout and stderr go; written anew at each start. */
  readonly logFile: string;
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** From the stop signal to SIGKILL. */
  readonly graceMs?: number;
  /** It writes a line to descriptor 4 once it is ready for its stop signal. */
  readonly tellsReady?: boolean;
}

export interface GuardedChild {
  readonly pid: number;
  /** Resolves when it has told so, or is gone; at once if it does not tell. */
  readonly ready: Promise<void>;
  /** Resolves when it is gone, by itself or through close(), with what it said last. */
  readonly ended: Promise<string>;
  /** Resolves only if it ended without close(). */
  readonly died: Promise<string>;
  readonly hasEnded: () => boolean;
  close(): Promise<void>;
}

const GRACE_MS = 10_000;

const GUARD = `
stop=$1; grace=$2; shift 2
"$@" 3<&- </dev/null &
child=$!
(
  read -r _ <&3
  kill -s "$stop" "$child" 2>/dev/null
  ticks=0
  while kill -0 "$child" 2>/dev/null && [ "$ticks" -lt "$grace" ]; do sleep 0.1; ticks=$((ticks + 1)); done
  kill -s KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
wait "$child"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

export function startGuarded(options: ChildCommand): GuardedChild {
  const log = openSync(options.logFile, 'w');
  const graceTicks = String(Math.ceil((options.graceMs ?? GRACE_MS) / 100));
  const shell = spawn(
    '/bin/sh',
    ['-c', GUARD, 'rollcall-guard', options.stopSignal, graceTicks, ...options.command],
    {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', log, log, 'pipe', ...(options.tellsReady === true ? ['pipe' as const] : [])],
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    },
  );
  closeSync(log);
  const guard = shell.stdio[3] as Writable;
  guard.on('error', () => undefined); // the shell may be gone before the pipe is closed
  let over = false;
  const ended = new Promise<string>((resolve) => {
    const finish = (said: string): void => {
      over = true;
      resolve(said);
    };
    shell.once('error', (error) => finish(error.message));
    shell.once('exit', (code, signal) => {
      if (shell.pid !== undefined) killGroup(shell.pid);
      finish(`${options.name} ended with ${signal ?? `exit code ${code}`}${lastLines(options.logFile)}`);
    });
  });
  let closing = false;
  return {
    pid: shell.pid ?? -1,
    ready: options.tellsReady === true ? readyOrEnded(shell.stdio[4] as Readable, ended) : Promise.resolve(),
    ended,
    died: ended.then((said) => (closing ? new Promise<string>(() => undefined) : said)),
    hasEnded: () => over,
    close: async () => {
      closing = true;
      guard.destroy();
      await ended;
    },
  };
}

async function readyOrEnded(pipe: Readable, ended: Promise<string>): Promise<void> {
  await Promise.race([once(pipe, 'data'), ended]);
}

// If somebody killed the shell alone, the server is still in its group.
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function lastLines(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n  ');
  return lines === '' ? '' : `; its last lines:\n  ${lines}`;
}
