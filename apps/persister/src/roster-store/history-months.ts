import type { ArchiveRow, RecordRow } from '#roster-consumer';
import type { RosterDatabase } from './roster-database.js';
import { toStoredTime } from './stored-time.js';

const MONTH_LENGTH = '2026-09'.length;

/**
 * The months of which the history has a partition. Asked for before the transaction that writes: making one waits for
 * all who write history, and must not wait for ourselves.
 */
export class HistoryMonths {
  readonly #known = new Set<string>();

  constructor(private readonly database: RosterDatabase) {}

  async addFor(rows: readonly (RecordRow | ArchiveRow)[]): Promise<void> {
    for (const month of monthsOf(rows)) {
      if (this.#known.has(month)) continue;
      await this.database.read('select roster.add_history_month($1::date)', [`${month}-01`]);
      this.#known.add(month);
    }
  }

  /** A partition may have been removed since. */
  forget(): void {
    this.#known.clear();
  }
}

/** Without times that are none: the row is refused before its history is written. */
function monthsOf(rows: readonly (RecordRow | ArchiveRow)[]): ReadonlySet<string> {
  const times = new Set(rows.map(({ event }) => event.time));
  const months = new Set<string>();
  for (const time of times) {
    const stored = toStoredTime(time);
    if (stored !== null) months.add(stored.slice(0, MONTH_LENGTH));
  }
  return months;
}
