/* What lies in a change topic, and by which key compaction knows it. */
import type { Change, EntityType, WatermarkFields } from '#contracts';

export interface FenceFields {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly epoch: number;
  readonly author: string;
}

/** A message of a change topic. */
export type Published =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'watermark'; readonly fields: WatermarkFields }
  | { readonly kind: 'fence'; readonly fields: FenceFields };

/** What is about to be appended to a change topic. */
export interface Publishing {
  readonly entityType: EntityType;
  readonly partition: number;
  readonly messages: readonly Published[];
}

export function compactionKey(message: Published): string {
  switch (message.kind) {
    case 'change':
      return `${message.change.districtId}/${message.change.gg4lId}`;
    case 'watermark':
      return `!watermark/${message.fields.districtId}`;
    case 'fence':
      return `!fence/${message.fields.epoch}/${message.fields.author}`;
  }
}
