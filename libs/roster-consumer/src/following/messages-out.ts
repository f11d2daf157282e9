import type { DeadLetterFields, ReportOf } from '#contracts';
import type { PassedWatermark, Place, RowsDigest } from './ports.js';
import type { Unusable, WatermarkEntry } from './sort-entries.js';

export function passedWatermark(place: Place, watermark: WatermarkEntry): PassedWatermark {
  return { ...lineOf(place, watermark), offset: watermark.offset };
}

export function passedReport({ offset: _, ...line }: PassedWatermark): ReportOf<'passed'> {
  return { kind: 'passed', ...line };
}

export function driftReport(
  place: Place,
  watermark: WatermarkEntry,
  { active, xor }: RowsDigest,
  survived: boolean,
): ReportOf<'drift'> {
  const { active: due, xor: dueXor } = watermark.event.data;
  const expected = { active: due, xor: dueXor };
  return { kind: 'drift', ...lineOf(place, watermark), survived, expected, found: { active, xor } };
}

export function deadLetters(
  { topic, partition }: Place,
  unusable: readonly Unusable[],
  now: number,
  service: string,
): DeadLetterFields[] {
  if (unusable.length === 0) return [];
  const at = new Date(now).toISOString();
  return unusable.map(({ offset, reason, value }) => ({
    origin: { kind: 'message', topic, partition, offset: offset.toString() },
    service,
    reason,
    contents: value,
    at,
  }));
}

function lineOf({ entityType, partition }: Place, { districtId, event }: WatermarkEntry) {
  const { generation, epoch } = event;
  return { districtId, generation, entityType, partition, epoch };
}
