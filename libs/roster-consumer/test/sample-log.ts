/* A log of users in memory as specs write it: changes, and watermarks that say what is right for the changes above. */
import {
  digestOf,
  encodeSample,
  encodeSampleFence,
  encodeSampleWatermark,
  type SampleChange,
  type SampleWatermark,
} from './sample-changes.js';
import { MemoryChangeLog } from './memory.change-log.js';
import { MemoryRosterStore } from './memory.roster-store.js';

export const created = (id: string, generation: number, more: Partial<SampleChange> = {}): SampleChange => ({
  verb: 'created',
  id,
  generation,
  ...more,
});
export const updated = (id: string, generation: number, more: Partial<SampleChange> = {}): SampleChange => ({
  verb: 'updated',
  id,
  generation,
  attributes: { username: `${id} of ${generation}` },
  ...more,
});
export const archived = (id: string, generation: number, more: Partial<SampleChange> = {}): SampleChange => ({
  verb: 'archived',
  id,
  generation,
  ...more,
});

export class SampleLog extends MemoryChangeLog {
  readonly rows: MemoryRosterStore;

  constructor(store = new MemoryRosterStore()) {
    super(store);
    this.rows = store;
  }

  changes(...changes: readonly SampleChange[]): this {
    this.append(...changes.map((change) => encodeSample('users', change)));
    return this;
  }

  fence(epoch: number, author?: string): this {
    this.append(encodeSampleFence('users', epoch, author));
    return this;
  }

  /** `holds`: what the district's records went through, in order. */
  watermark(generation: number, holds: readonly SampleChange[], more: Partial<SampleWatermark> = {}): this {
    this.append(encodeSampleWatermark('users', { generation, ...digestOf(holds), ...more }));
    return this;
  }

  /** What was reported, in short: `passed 5`, `drift 5`, `survived 5`, `shadow`; districts other than the first by name. */
  get said(): string[] {
    return this.outlet.reports.map((report) => {
      const of = report.districtId === 'district-1' ? '' : ` of ${report.districtId}`;
      switch (report.kind) {
        case 'passed':
          return `passed ${report.generation}${of}`;
        case 'drift':
          return `${report.survived ? 'survived' : 'drift'} ${report.generation}${of}`;
        case 'shadow':
          return `shadow${of}`;
      }
    });
  }

  /** Generation of each row of a district that is active. */
  active(districtId = 'district-1'): Record<string, number> {
    const rows = [...this.rows.rows('users', districtId)].filter(({ active }) => active);
    return Object.fromEntries(rows.map(({ gg4lId, generation }) => [gg4lId, generation]));
  }
}
