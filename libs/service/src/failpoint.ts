let hits = 0;

/**
 * A named instant at which a test may kill the service: nothing, unless ROLLCALL_FAILPOINT names it; then the process
 * ends by SIGKILL at the hit numbered ROLLCALL_FAILPOINT_HIT (default the first).
 */
export function failpoint(name: string): void {
  if (process.env['ROLLCALL_FAILPOINT'] !== name) return;
  hits += 1;
  if (hits >= Number(process.env['ROLLCALL_FAILPOINT_HIT'] || '1')) process.kill(process.pid, 'SIGKILL');
}
