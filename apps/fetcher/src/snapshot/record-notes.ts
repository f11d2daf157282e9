/*
 * What is to be told of a snapshot's records beside the records: warnings counted by type and attribute, which records
 * were quarantined and why, how many came masked. Counts, ids and reasons, never contents; bounded whatever comes.
 */
import { ENTITY_TYPES, type EntityType, type PerType } from '#contracts';
import type { MaskedShares, QuarantinedRecord, WarningCounts } from '#ledger';
import { attributesOf, type RecordReading, type Warning } from '#oneroster';

/** Quarantined records listed per type; all are counted. */
export const MAX_LISTED = 20;

/** Whom Privacy Shield masks. */
const PEOPLE = ['users', 'demographics'] as const;

/** Stands for whatever OneRoster does not name, of which there is no end. */
const OTHERS = 'extensions';
const NAMED = new Map(
  ENTITY_TYPES.map((type) => {
    const names = attributesOf(type).map(({ name }) => name);
    return [type, new Set([...names, 'sourcedId', 'status', 'dateLastModified'])] as const;
  }),
);

type Counts = Record<string, Record<string, number>>;

export class RecordNotes {
  private readonly warningCounts: Partial<Record<EntityType, Counts>> = {};
  private readonly listed: Partial<Record<EntityType, QuarantinedRecord[]>> = {};
  private readonly people = {
    users: { records: 0, masked: 0 },
    demographics: { records: 0, masked: 0 },
  };

  /** A record that went through. */
  read(type: EntityType, { warnings, masked, withdrawn }: Extract<RecordReading, { kind: 'record' }>): void {
    for (const warning of warnings) this.warn(type, warning);
    const people = PEOPLE.find((one) => one === type);
    if (people === undefined || withdrawn) return;
    this.people[people].records += 1;
    if (masked) this.people[people].masked += 1;
  }

  quarantined(type: EntityType, record: QuarantinedRecord): void {
    const listed = (this.listed[type] ??= []);
    if (listed.length < MAX_LISTED) listed.push(record);
  }

  found(): {
    readonly warnings: WarningCounts;
    readonly quarantinedRecords: PerType<readonly QuarantinedRecord[]>;
    readonly masked: MaskedShares;
  } {
    return {
      warnings: this.warningCounts,
      quarantinedRecords: this.listed,
      masked: structuredClone(this.people),
    };
  }

  private warn(type: EntityType, { attribute, reason }: Warning): void {
    const name = NAMED.get(type)?.has(attribute) === true ? attribute : OTHERS;
    const counts = (this.warningCounts[type] ??= {});
    const reasons = (counts[name] ??= {});
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
}
