import { ApiProperty } from '@nestjs/swagger';

const NULLABLE_TEXT = { type: String, nullable: true } as const;
const PER_TYPE = { type: 'object', additionalProperties: true } as const;

/* What the admin API answers, as OpenAPI shows it; the values come from the ledger as they are. */

export class RunAnswer {
  @ApiProperty() districtId!: string;
  @ApiProperty() generation!: number;
  @ApiProperty({ description: 'opened, reading, …, completed, aborted' }) state!: string;
  @ApiProperty({ ...NULLABLE_TEXT, description: 'why it is held, was rejected or aborted' }) why!:
    string | null;
  @ApiProperty({ enum: ['scheduled', 'newer', 'asked', 'retry', 'refresh'] }) cause!: string;
  @ApiProperty() attempt!: number;
  @ApiProperty() dryRun!: boolean;
  @ApiProperty({ ...NULLABLE_TEXT, description: 'of the plan; what an approval names' }) digest!:
    string | null;
  @ApiProperty({ format: 'date-time' }) openedAt!: string;
  @ApiProperty({ format: 'date-time' }) stateAt!: string;
  @ApiProperty({ ...NULLABLE_TEXT, format: 'date-time' }) closedAt!: string | null;
  @ApiProperty({ ...NULLABLE_TEXT, description: 'when another try takes its place; null: its end is final' })
  retryAt!: string | null;
  @ApiProperty({ description: 'records of which the last good state was kept' }) quarantined!: number;
  @ApiProperty({ description: 'values that were missing, empty, masked or not of their kind' })
  warnings!: number;
  @ApiProperty({ description: 'Postgres has passed all watermarks of the completed run' })
  persisted!: boolean;
}

export class RunDetailAnswer extends RunAnswer {
  @ApiProperty({ type: [Object], description: 'points of the completeness proof: point, state, finding' })
  proof!: readonly object[];
  @ApiProperty({ ...PER_TYPE, description: 'ids absent from the collections that the source still gives' })
  stillThere!: object;
  @ApiProperty({ type: [String], description: 'what the source needed that the standard does not ask for' })
  quirks!: readonly string[];
  @ApiProperty({
    type: Object,
    description:
      'what reading found: unreadable, quarantined, erased (left out), quarantinedRecords (gg4lId, attribute, reason; the first of ' +
      'each type), warnings (type, attribute, reason: count), masked, maskedBefore, notGranted, notAllowed',
  })
  found!: object;
  @ApiProperty({ type: [Object], description: 'findings: rule, entityType, numbers, effect, sentence' })
  guard!: readonly object[];
  @ApiProperty({ enum: ['sweep', 'everything'], nullable: true, type: String }) hold!: string | null;
  @ApiProperty({ type: Object, nullable: true, description: 'verdict, who, why, at' }) decision!:
    object | null;
  @ApiProperty({
    ...PER_TYPE,
    description: 'the plan: created, updated, restored, archived, unchanged, quarantined',
  })
  types!: object;
  @ApiProperty({ ...PER_TYPE, description: 'rows received so far' }) progress!: object;
  @ApiProperty({ ...PER_TYPE, description: 'created, updated, restored, archived as reported' })
  applied!: object;
  @ApiProperty({ type: Object, description: 'per partition: epoch, planned, applied, swept' })
  partitions!: readonly object[];
  @ApiProperty({ type: [Object], description: 'while held: what would be archived, per type and school' })
  stale!: readonly object[];
}

export class DistrictAnswer {
  @ApiProperty() districtId!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ['active', 'suspended'] }) state!: string;
  @ApiProperty(NULLABLE_TEXT) reason!: string | null;
  @ApiProperty(NULLABLE_TEXT) readyStamp!: string | null;
  @ApiProperty({ type: Object }) settings!: object;
  @ApiProperty({ type: Object, nullable: true, description: 'a run that is wanted and not opened yet' })
  wanted!: object | null;
  @ApiProperty({ type: RunAnswer, nullable: true }) lastRun!: object | null;
  @ApiProperty({ ...NULLABLE_TEXT, format: 'date-time', description: 'end of the last completed run' })
  completedAt!: string | null;
  @ApiProperty({ ...NULLABLE_TEXT, format: 'date-time', description: 'told late since; null: it is not' })
  lateSince!: string | null;
  @ApiProperty({ type: Object, nullable: true, description: 'in force now: nothing is pulled by schedule' })
  blackout!: object | null;
  @ApiProperty({ type: [Object], description: 'entityType, askedAt: what the next run sends again' })
  refreshes!: readonly object[];
  @ApiProperty({
    type: [Object],
    description: 'copies that differ from their watermark: entityType, partition, generation, survived, …',
  })
  drifts!: readonly object[];
  @ApiProperty({ type: [String], description: 'what its source needed when it was last read to the end' })
  quirks!: readonly string[];
}

export class RequestedRunAnswer {
  @ApiProperty({ enum: ['opened', 'taken-up', 'wanted'] }) outcome!: string;
  @ApiProperty({ type: RunDetailAnswer, nullable: true, description: 'null while it is only wanted' })
  run!: object | null;
  @ApiProperty({ type: DistrictAnswer }) district!: object;
}
