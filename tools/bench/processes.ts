/**
 * CPU time and memory of the processes below this one, by part. A part is a service, or a server we started; of
 * Postgres it counts the backends that have ended too. Linux only; servers that somebody else started are not seen.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

export interface PartUse {
  readonly cpuSeconds: number;
  /** Highest of the part's largest process since forgetPeaks(). */
  readonly peakBytes: number;
}

interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  readonly part: string | null;
  readonly ticks: number;
  readonly endedChildrenTicks: number;
}

const KIB = 1024;
const RESET_PEAK = '5';
const GONE = new Set(['ENOENT', 'ESRCH']);

let ticksPerSecond: number | null = null;

export function measureParts(): ReadonlyMap<string, PartUse> {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const parts = new Map<string, PartUse>();
  for (const { pid, part, ticks, endedChildrenTicks } of ourParts()) {
    const { cpuSeconds = 0, peakBytes = 0 } = parts.get(part) ?? {};
    const all = ticks + (part === 'postgres' ? endedChildrenTicks : 0);
    parts.set(part, {
      cpuSeconds: cpuSeconds + all / ticksPerSecond,
      peakBytes: Math.max(peakBytes, peakOf(pid)),
    });
  }
  return parts;
}

/** CPU seconds that the whole machine has worked so far, for whomever. */
export function machineSeconds(): number {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  // Behind `cpu`: user, nice, system, idle, iowait, irq, softirq.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = first.split(/\s+/).slice(1).map(Number);
  return (user + nice + system + irq + softirq) / ticksPerSecond;
}

/** False where the system does not allow it: peaks are then those since the start. */
export function forgetPeaks(): boolean {
  let allowed = true;
  for (const { pid } of ourParts()) {
    try {
      writeFileSync(`/proc/${pid}/clear_refs`, RESET_PEAK);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!GONE.has(code) && code !== 'EACCES' && code !== 'EPERM') throw error;
      allowed &&= GONE.has(code);
    }
  }
  return allowed;
}

/** Descendants of this process that belong to a part. */
function ourParts(): readonly (ProcessState & { readonly part: string })[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const isOurs = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at))
      if (at === process.pid) return true;
    return false;
  };
  return all.flatMap((one) => (one.part !== null && isOurs(one.pid) ? [{ ...one, part: one.part }] : []));
}

function readProcess(pid: number): ProcessState | null {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind the name, which may hold anything: state is field 3, so index 0 here.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map(
      (index) => fields[index] ?? 0,
    );
    return {
      pid,
      parent,
      part: partOf(command),
      ticks: user + system,
      endedChildrenTicks: endedUser + endedSystem,
    };
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function partOf(command: string): string | null {
  const service = /dist\/apps\/([a-z]+)\/src\/main\.js/.exec(command)?.[1];
  if (command.startsWith('/bin/sh') || command.startsWith('sh ')) return null; // the guards
  if (service !== undefined) return service;
  const program = command.split(' ')[0]?.split('/').pop() ?? '';
  if (program === 'java') return 'kafka';
  if (program.startsWith('redis-server')) return 'redis';
  return program.startsWith('postgres') ? 'postgres' : null;
}

function peakOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * KIB;
  } catch (error) {
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
}
