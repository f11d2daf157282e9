/**
 * One process of the persister, from its first step to the last watermark. What it says of its steps is the clock: the
 * start of the process is left out.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { measureParts, type PartUse } from '../bench/processes.js';
import { projectFolder } from '../project.js';

export interface PersistFigures {
  readonly act: string;
  readonly events: number;
  readonly written: number;
  readonly eventsPerSecond: number;
  readonly cpuSecondsPerMillion: Readonly<Record<string, number>>;
  readonly walBytes: number;
}

interface Step {
  readonly event: string;
  readonly time: string;
  readonly changes: number;
  readonly written: number;
  readonly watermarks?: readonly { readonly generation: number }[];
}

/** `lines`: watermarks of the generation after which it is done. */
export async function measurePersisting(
  act: string,
  env: Readonly<Record<string, string>>,
  client: pg.Client,
  { generation, lines }: { readonly generation: number; readonly lines: number },
): Promise<PersistFigures> {
  const main = join(projectFolder, 'dist/apps/persister/src/main.js');
  const walBefore = await walPosition(client);
  const child = spawn(process.execPath, ['--enable-source-maps', main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let before: ReadonlyMap<string, PartUse> | null = null;
  let [passed, events, written, firstAt, lastAt] = [0, 0, 0, 0, 0];
  let cpu: Readonly<Record<string, number>> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const step = JSON.parse(line) as Step;
    if (step.event !== 'persisted') continue;
    if (before === null) {
      before = measureParts();
      firstAt = Date.parse(step.time);
    } else {
      events += step.changes;
      written += step.written;
    }
    lastAt = Date.parse(step.time);
    passed += (step.watermarks ?? []).filter((one) => one.generation === generation).length;
    if (passed < lines) continue;
    cpu = perMillion(before, measureParts(), events);
    break;
  }
  child.kill('SIGTERM');
  await ended;
  if (passed < lines) throw new Error(`${act}: the persister ended early`);
  const walBytes = Number((await walPosition(client)) - walBefore);
  const eventsPerSecond = Math.round((events * 1000) / Math.max(1, lastAt - firstAt));
  return { act, events, written, eventsPerSecond, cpuSecondsPerMillion: cpu, walBytes };
}

function perMillion(
  before: ReadonlyMap<string, PartUse>,
  after: ReadonlyMap<string, PartUse>,
  events: number,
): Readonly<Record<string, number>> {
  const used = ['persister', 'postgres', 'kafka'].flatMap((part) => {
    const now = after.get(part);
    if (now === undefined) return [];
    const seconds = now.cpuSeconds - (before.get(part)?.cpuSeconds ?? 0);
    return [[part, Math.round((seconds * 1e7) / events) / 10] as const];
  });
  return Object.fromEntries(used);
}

async function walPosition(client: pg.Client): Promise<bigint> {
  const { rows } = await client.query<{ at: string }>(
    `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as at`,
  );
  return BigInt(rows[0]?.at ?? 0);
}
