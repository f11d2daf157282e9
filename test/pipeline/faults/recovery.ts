/*
 * When a service is at work again after a kill. A consumer: its group has assigned all partitions to processes that
 * live, which is when the new one has joined. A fetcher, a coordinator: besides, the next run is claimed, the next
 * decision made, unless the run was over without that.
 */
import { SERVICES } from '../support/ground.js';
import type { RunView } from '../support/coordinator.client.js';
import type { AppName, LogLine } from '../support/running.js';
import { SETTLES_WITHIN_MS, type FaultWorld } from './fault-world.js';

const SIGNS: Partial<Record<AppName, string>> = { fetcher: 'run-claimed', coordinator: 'decided' };

export async function recoveredAt(
  world: FaultWorld,
  service: AppName | undefined,
  killedAt: number,
  settling: Promise<RunView>,
): Promise<number> {
  await world.instances.ready(SETTLES_WITHIN_MS);
  const readyAt = Date.now();
  const sign = service === undefined ? undefined : SIGNS[service];
  if (sign === undefined) return readyAt;
  const settledAt = await settling.then(() => Date.now());
  const times = linesSince(world, killedAt, sign)
    .filter(({ service: by }) => by === service)
    .map(timeOf);
  return Math.max(readyAt, Math.min(settledAt, ...times));
}

/** Of all processes of services that ran since, in no order. */
export function linesSince(world: FaultWorld, since: number, event?: string): readonly LogLine[] {
  return world.ground.fleet
    .everyone(...SERVICES)
    .flatMap((one) => one.lines(event))
    .filter((line) => timeOf(line) >= since);
}

const timeOf = (line: LogLine): number => Date.parse(String(line['time']));
