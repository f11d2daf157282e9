import type { Ground, ServiceName } from './ground.js';

export interface Kill {
  readonly service: ServiceName;
  /** The failpoint's name behind that of its service. */
  readonly instant: string;
  /** At which hit of it; default the first. */
  readonly hit?: number;
}

/**
 * What `act` comes to when a service is killed at a failpoint while it goes on, and then started again. Throws if the
 * service was not killed there, or only after the act was over.
 */
export async function throughKill<T>(
  ground: Ground,
  { service, instant, hit = 1 }: Kill,
  act: () => Promise<T>,
): Promise<T> {
  const doomed = await ground.replace(service, {
    ROLLCALL_FAILPOINT: `${service}.${instant}`,
    ROLLCALL_FAILPOINT_HIT: String(hit),
  });
  doomed.expectEnd();
  const acted = act();
  await doomed.killed(acted);
  await ground.revive(service);
  return acted;
}
