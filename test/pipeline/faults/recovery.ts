/*
 * When a service is at work again after a kill. A consumer: its group has assigned all partitions to processes that
 * live, which is when the new one has joined. A fetcher, a coordinator: besides, the next run is claimed, the next
 * decision made, unless the run was over without that.
 */
import type { RunView } from '../support/coordinator.client.js';
import type { AppName, LogLine } from '../support/running.js';
import { SETTLES_WITHIN_MS, type FaultWorld } from './fault-world.js';
import type { LogMark } from './log-mark.js';

const SIGNS: Partial<Record<AppName, string>> = { fetcher: 'run-claimed', coordinator: 'decided' };

export async function recoveredAt(
  world: FaultWorld,
  service: AppName | undefined,
  killed: LogMark,
  settling: Promise<RunView>,
): Promise<number> {
  await world.instances.ready(SETTLES_WITHIN_MS);
  const readyAt = Date.now();
  const sign = service === undefined ? undefined : SIGNS[service];
  if (sign === undefined) return readyAt;
  const settledAt = await settling.then(() => Date.now());
  const times = killed
    .lines(sign)
    .filter(({ service: by }) => by === service)
    .map(timeOf);
  return Math.max(readyAt, Math.min(settledAt, ...times));
}

const timeOf = (line: LogLine): number => Date.parse(String(line['time']));
