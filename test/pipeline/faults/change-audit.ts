/*
 * What consumers were told, read from the change topics alone: no record was archived that was shared in that
 * generation, and the last watermark of every type and partition equals a recount of the rows in Postgres.
 */
import { ENTITY_TYPES, watermarkTerm, XorSum, type RunKey } from '#contracts';
import type { Copies } from '../support/equality.js';
import type { RosterRows } from '../support/roster-rows.js';
import { PARTITIONS, type Topics } from '../support/topics.js';

interface LastWatermark {
  readonly generation: number;
  readonly active: number;
  readonly xor: string;
}

export class ChangeAudit {
  readonly #watermarks = new Map<string, LastWatermark>();

  constructor(
    private readonly topics: Topics,
    private readonly rows: RosterRows,
  ) {}

  /** Archives since the last call that `truth`, what the source shared all the while, does not bear out. */
  async wrongArchives(districtId: string, truth: Copies): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const change of await this.topics.newChanges()) {
      if (change.kind === 'fence' || change.districtId !== districtId) continue;
      const { entityType, event } = change;
      if (change.kind === 'watermark') {
        const { generation, data } = change.event;
        this.#watermarks.set(`${districtId}/${entityType}/${data.partition}`, { generation, ...data });
      } else if (change.verb === 'archived') {
        const { subject, generation } = change.event;
        if (truth[entityType]?.archived.includes(subject) === true) continue;
        wrong.push(
          `${entityType} ${subject} was archived in ${generation} while it was shared (${event.id})`,
        );
      }
    }
    return wrong;
  }

  /** Where the watermarks of a completed run, which must be the last ones, do not agree with the rows. */
  async disagreements({ districtId, generation }: RunKey): Promise<readonly string[]> {
    const found: string[] = [];
    for (const type of ENTITY_TYPES) {
      const sums = Array.from({ length: PARTITIONS }, () => new XorSum());
      for (const row of await this.rows.of(districtId, type)) {
        if (row.archived_at !== null) continue;
        const fingerprint = Buffer.from(String(row['fingerprint']).slice(2), 'hex');
        sums[Number(row['partition'])]?.add(watermarkTerm(row.gg4l_id, fingerprint));
      }
      for (const [partition, sum] of sums.entries()) {
        const last = this.#watermarks.get(`${districtId}/${type}/${partition}`);
        const told = `${last?.generation} ${last?.active} ${last?.xor}`;
        const recount = `${generation} ${sum.count} ${sum.hex}`;
        if (told !== recount)
          found.push(`${type}/${partition}: the watermark says ${told}, the rows ${recount}`);
      }
    }
    return found;
  }
}
