import { readFileSync, renameSync } from 'node:fs';

let hits = 0;
let armed = '';

/**
 * A named instant at which a test may stop the service: nothing, unless ROLLCALL_FAILPOINT names it; then the process
 * ends by SIGKILL at the hit numbered ROLLCALL_FAILPOINT_HIT (default the first). A service that runs is armed through
 * the file that ROLLCALL_FAILPOINT_FILE names: `<failpoint> <hit> <signal> <anything>`. Of several processes that share
 * it only one, which then renames it to `<file>.<its pid>`, is struck.
 */
export function failpoint(name: string): void {
  const file = process.env['ROLLCALL_FAILPOINT_FILE'];
  if (file) springFile(file, name);
  if (process.env['ROLLCALL_FAILPOINT'] !== name) return;
  hits += 1;
  if (hits >= Number(process.env['ROLLCALL_FAILPOINT_HIT'] || '1')) process.kill(process.pid, 'SIGKILL');
}

function springFile(file: string, name: string): void {
  const text = ifThere(() => readFileSync(file, 'utf8')) ?? '';
  const [trap, hit, signal] = text.split(' ');
  if (trap !== name) return;
  if (text !== armed) hits = 0;
  armed = text;
  hits += 1;
  if (hits < Number(hit)) return;
  const isOurs = ifThere(() => renameSync(file, `${file}.${process.pid}`)) !== null;
  if (isOurs) process.kill(process.pid, signal);
}

/** null where the file is not there: nothing is armed, or another process was quicker. */
function ifThere<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
