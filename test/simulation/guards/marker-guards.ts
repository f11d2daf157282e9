/* Second lines behind another guard: what a partition makes of markers that come again or without their BEGIN. */
import type { Report } from '#contracts';
import { decideBegin } from '../../../apps/reconciler/src/reconciliation/markers.js';
import type { RosterIndex } from '../../../apps/reconciler/src/reconciliation/ports.js';
import { DEFAULT_TIMES } from '../../../apps/coordinator/src/settlement/times.js';
import type { Logs } from '../../../apps/reconciler/src/reconciliation/ports.js';
import type { Tampering } from '../world/surroundings.js';
import { overridden } from '../world/stepped.js';

const TIME = '2030-01-01T00:00:00.000Z';

/** Begins a generation in the index, whatever the message was. */
async function beginIn(
  { districtId, generation }: { readonly districtId: string; readonly generation: number },
  index: RosterIndex,
  partition: number,
  offset: bigint,
  isAgain: boolean,
): Promise<void> {
  const view = await index.read(partition, [districtId], []);
  const district = view.districts.get(districtId);
  if (view.position === null || district === undefined) return;
  if (view.position.mode !== 'follow' || offset < view.position.next) return;
  const current = district.snapshot;
  if (isAgain !== (current?.generation === generation)) return;
  const before = current === null || !isAgain ? current : { ...current, generation: generation - 1 };
  const marker = { kind: 'begin', districtId, generation, openedAt: TIME, refresh: [] } as const;
  const writes = decideBegin(marker, { ...district, snapshot: before }).writes.map((one) =>
    isAgain ? { ...one, forget: { generation, reports: true } } : one,
  );
  if (writes.length > 0) await index.write(partition, view.position, view.position, writes);
}

/** Records and END of a generation begin it where its BEGIN was not seen. */
export const unknownBegin: Tampering = {
  delivered: async (message, index, partition, offset) => {
    if (message.kind === 'records' || message.kind === 'end')
      await beginIn(message, index, partition, offset, false);
    return message;
  },
};

/** BEGIN that comes again begins again. */
export const repeatedBegin: Tampering = {
  delivered: async (message, index, partition, offset) => {
    if (message.kind === 'begin') await beginIn(message, index, partition, offset, true);
    return message;
  },
};

/** All that was answered in a schedule. */
const answers = new WeakMap<object, Set<string>>();

/** What was answered once is never answered again. */
export const answeredOnce: Tampering = {
  logs: (logs, partition, { topics }) => {
    let said = answers.get(topics);
    if (said === undefined) answers.set(topics, (said = new Set<string>()));
    const known = said;
    const isNew = (report: Report): boolean => {
      if (report.kind !== 'planned' && report.kind !== 'applied' && report.kind !== 'swept') return true;
      const text = `${partition} ${report.kind} ${report.districtId} ${report.generation} ${report.epoch}`;
      return !known.has(text) && known.add(text).size > 0;
    };
    return overridden<Logs>(logs, { report: (reports) => logs.report(reports.filter(isNew)) });
  },
};

/** A marker is sent again, but no run is ever given up. */
export const neverGivenUp: Tampering = {
  times: { ...DEFAULT_TIMES, silenceMs: Number.POSITIVE_INFINITY },
};
