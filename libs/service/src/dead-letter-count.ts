import { ENTITY_TYPES } from '#contracts';
import type { Metrics } from './metrics.js';

const TYPES = [...ENTITY_TYPES, ''];

/** Counts dead letters alike in every service; `type` is empty where a message belongs to no entity type. */
export function deadLetterCount(metrics: Metrics): (type: string, letters: number) => void {
  const counter = metrics.counter(
    'rollcall_dead_letters_total',
    'rows and messages that could not be used',
    ['type'],
    TYPES.map((type) => ({ type })),
  );
  return (type, letters) => {
    if (letters > 0) counter.inc({ type }, letters);
  };
}
