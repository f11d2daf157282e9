import type { ClaimedRun } from '#ledger';
import type { RawLog } from '../ports.js';

/** BEGIN to every partition, acknowledged before anything of the snapshot may follow. */
export async function begin(run: ClaimedRun, log: RawLog, partitions: number): Promise<void> {
  const { districtId, generation, openedAt, refresh } = run;
  const message = { kind: 'begin', districtId, generation, openedAt, refresh } as const;
  await log.append(Array.from({ length: partitions }, (_, partition) => ({ partition, message })));
}
