/*
 * What a batch of the reports topic says. A message that is no report, or one that cannot be kept, becomes a dead
 * letter and the others go on; offsets that do not rise are nonsense of the log itself, and stop the coordinator.
 */
import { decodeReport, MalformedMessageError, type DeadLetterFields, type Report } from '#contracts';
import type { LogBatch } from '#kafka';
import { NonsenseError } from './settlement/view-check.js';

export interface ReportBatch {
  readonly reports: readonly Report[];
  readonly letters: readonly DeadLetterFields[];
  /** How many reports came from partitions that the raw log does not have; they are among the dead letters. */
  readonly strangers: number;
}

const EMPTY = Buffer.alloc(0);
/** As JSON.stringify writes what Postgres cannot keep: U+0000, and half of a surrogate pair. */
const UNKEEPABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/** A partition that the raw log does not have speaks for another installation, or is nonsense. */
class StrangerError extends MalformedMessageError {}

/** Throws NonsenseError. `at`: RFC 3339. */
export function readReports(
  { topic, partition, messages }: Pick<LogBatch, 'topic' | 'partition' | 'messages'>,
  partitionCount: number,
  at: string,
): ReportBatch {
  const reports: Report[] = [];
  const letters: DeadLetterFields[] = [];
  let strangers = 0;
  let before = -1n;
  for (const { offset, value } of messages) {
    if (offset <= before) throw new NonsenseError(`offset ${offset} of ${topic} follows ${before}`);
    before = offset;
    const contents = value ?? EMPTY;
    try {
      reports.push(readReport(contents, partitionCount));
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      if (error instanceof StrangerError) strangers += 1;
      const origin = { kind: 'message', topic, partition, offset: offset.toString() } as const;
      letters.push({ origin, service: 'coordinator', reason: error.message, contents, at });
    }
  }
  return { reports, letters, strangers };
}

function readReport(contents: Buffer, partitionCount: number): Report {
  const report = decodeReport(contents);
  if ('partition' in report && report.partition >= partitionCount) {
    throw new StrangerError(`partition ${report.partition} of a raw log that has ${partitionCount}`);
  }
  if (UNKEEPABLE.test(JSON.stringify(report))) {
    throw new MalformedMessageError('report: a text with U+0000 or half of a surrogate pair');
  }
  return report;
}
