/* What one answer says about one record. Only a clear answer counts: in doubt it says nothing. */
import type { EntityType } from '#contracts';
import { readRecord } from '#oneroster';
import type { SingleAnswer } from '../ports.js';

export type Verdict = 'gone' | 'there' | 'silent';

export function verdictOf(type: EntityType, gg4lId: string, answer: SingleAnswer): Verdict {
  switch (answer.kind) {
    case 'gone':
      return isPlainInPath(gg4lId) ? 'gone' : 'silent';
    case 'record': {
      const reading = readRecord(type, answer.row);
      if (reading.kind === 'unreadable' || reading.gg4lId !== gg4lId) return 'silent';
      return reading.withdrawn ? 'gone' : 'there';
    }
    case 'silent':
    case 'no-answer':
      return 'silent';
  }
}

/** Servers and proxies on the way differ about such ids in a path: their 404 may be about the path. */
export function isPlainInPath(gg4lId: string): boolean {
  return !/[/\\%]|^\.{1,2}$/.test(gg4lId);
}
