/*
 * What consumers were told, read from the change topics alone: no record was archived that was shared in that
 * generation, and the last watermark of every type and partition equals a recount of the rows in Postgres.
 */
import { ENTITY_TYPES, watermarkTerm, XorSum, type RunKey } from '#contracts';
import type { Copies } from '../support/equality.js';
import type { RosterRows } from '../support/roster-rows.js';
import { PARTITIONS, type Topics } from '../support/topics.js';
import { Truths } from './truths.js';

interface LastWatermark {
  readonly generation: number;
  readonly active: number;
  readonly xor: string;
}

export class ChangeAudit {
  readonly #truths = new Truths();
  readonly #watermarks = new Map<string, LastWatermark>();

  constructor(
    private readonly topics: Topics,
    private readonly rows: RosterRows,
  ) {}

  /**
   * Archives since the last call, of any district, that the source does not bear out; `truth` is what it shared from
   * the run before to the completed `run`.
   */
  async wrongArchives(run: RunKey, truth: Copies): Promise<readonly string[]> {
    this.#truths.note(run, truth);
    const wrong: string[] = [];
    for (const change of await this.topics.newChanges()) {
      if (change.kind === 'fence') continue;
      const { districtId, entityType, event } = change;
      const { generation } = event;
      if (change.kind === 'watermark') {
        const { data } = change.event;
        this.#watermarks.set(`${districtId}/${entityType}/${data.partition}`, { generation, ...data });
      } else if (change.verb === 'archived') {
        const { subject, id } = change.event;
        const isRight = this.#truths.bearsOut({ districtId, generation }, entityType, subject);
        if (isRight === true || (isRight === null && districtId !== run.districtId)) continue;
        wrong.push(`${entityType} ${subject} was archived in ${generation} while it was shared (${id})`);
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
