import {
  ENTITY_TYPES,
  schoolHash,
  type EntityType,
  type PerType,
  type RunKey,
  type VerbCounts,
} from '#contracts';
import type {
  Confirmation,
  ConsoleLedger,
  MaskedShares,
  Proof,
  QuarantinedRecord,
  RosterName,
  RunDetail,
  RunSummary,
  WarningCounts,
} from '#ledger';

/** What would be archived of one type: by school, and up to 50 names a partition. */
export interface StaleView {
  readonly entityType: EntityType;
  readonly count: number;
  readonly schools: readonly { readonly school: string; readonly count: number }[];
  readonly names: readonly RosterName[];
}

/** Counts, ids and reasons; never contents. */
export interface FoundView {
  readonly unreadable: PerType<number>;
  readonly quarantined: PerType<number>;
  /** Left out of the snapshot because they are erased. */
  readonly erased: PerType<number>;
  /** The first of each type. */
  readonly quarantinedRecords: PerType<readonly QuarantinedRecord[]>;
  readonly warnings: WarningCounts;
  readonly masked: MaskedShares;
  readonly maskedBefore: MaskedShares | null;
  readonly notGranted: readonly EntityType[];
  readonly notAllowed: readonly EntityType[];
}

export interface RunView extends RunSummary {
  readonly hold: string | null;
  /** With point 6 as it was found before anything was archived. */
  readonly proof: Proof;
  /** GG4L IDs absent from the collections that the source still gives one by one. */
  readonly stillThere: Confirmation['stillThere'];
  /** What the source needed that the standard does not ask for. */
  readonly quirks: readonly string[];
  /** What was found in its records; empty while it is read, and of what older versions read. */
  readonly found: FoundView;
  readonly guard: readonly object[];
  readonly decision: object | null;
  readonly types: PerType<VerbCounts>;
  readonly progress: PerType<number>;
  readonly applied: PerType<Partial<VerbCounts>>;
  readonly partitions: readonly object[];
  readonly stale: readonly StaleView[];
}

const NO_SCHOOL_HEX = '0000000000000000';

export async function viewRun(ledger: ConsoleLedger, key: RunKey): Promise<RunView | null> {
  const detail = await ledger.run(key);
  if (detail === null) return null;
  const { reading, confirmation, plan, done, epochs, planned, applied, swept, ...rest } = detail;
  const partitions = Object.entries(epochs).map(([partition, epoch]) => ({
    partition: Number(partition),
    epoch,
    planned: planned.includes(Number(partition)),
    applied: applied.includes(Number(partition)),
    swept: swept.includes(Number(partition)),
  }));
  return {
    ...rest,
    proof: withConfirmation(reading?.proof ?? [], confirmation),
    stillThere: confirmation?.stillThere ?? {},
    found: {
      unreadable: inOrder(reading?.unreadable ?? {}),
      quarantined: inOrder(reading?.quarantined ?? {}),
      erased: inOrder(reading?.erased ?? {}),
      quarantinedRecords: inOrder(reading?.quarantinedRecords ?? {}),
      warnings: inOrder(reading?.warnings ?? {}),
      masked: reading?.masked ?? {},
      maskedBefore: reading?.maskedBefore ?? null,
      notGranted: reading?.notGranted ?? [],
      notAllowed: reading?.notAllowed ?? [],
    },
    types: inOrder(plan?.verbs ?? {}),
    progress: inOrder({ ...rest.progress, ...reading?.rows }),
    applied: inOrder(done),
    partitions,
    stale: detail.state === 'held' ? await viewStale(ledger, detail) : [],
  };
}

function withConfirmation(proof: Proof, confirmation: Confirmation | null): Proof {
  if (confirmation === null) return proof;
  const { point, state, finding } = confirmation;
  return [...proof.filter((one) => one.point !== point), { point, state, finding }];
}

/** jsonb forgets the order of names. */
function inOrder<T>(perType: PerType<T>): PerType<T> {
  return Object.fromEntries(
    ENTITY_TYPES.flatMap((type) => {
      const value = perType[type];
      return value === undefined ? [] : [[type, value]];
    }),
  );
}

async function viewStale(ledger: ConsoleLedger, run: RunDetail): Promise<readonly StaleView[]> {
  const ids = await ledger.plannedStale(run);
  const schools = new Map<string, string>([[NO_SCHOOL_HEX, 'no single school']]);
  for (const { gg4lId, name } of await ledger.orgNames(run.districtId)) {
    schools.set(schoolHash(gg4lId).toString('hex'), name ?? gg4lId);
  }
  const views: StaleView[] = [];
  for (const entityType of ENTITY_TYPES) {
    const count = run.plan?.verbs[entityType]?.archived ?? 0;
    if (count === 0) continue;
    const bySchool = Object.entries(run.plan?.types[entityType]?.staleBySchool ?? {});
    views.push({
      entityType,
      count,
      schools: bySchool
        .map(([hash, of]) => ({ school: schools.get(hash) ?? `unknown (${hash})`, count: of }))
        .sort((a, b) => b.count - a.count),
      names: await ledger.names(run.districtId, entityType, ids[entityType] ?? []),
    });
  }
  return views;
}
