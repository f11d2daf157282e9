import { randomUUID } from 'node:crypto';
import type { EntityType } from '#contracts';
import type { Ask, Reply } from '../http.js';
import type { District } from '../sharing/district.js';
import {
  FAULT_KINDS,
  type FaultKind,
  type FaultKindName,
  type FaultParameters,
  type Page,
  type PageAsk,
} from './fault-kinds.js';

export const FAULT_TARGETS = ['collection', 'record', 'token', 'discovery'] as const;
export type FaultTarget = (typeof FAULT_TARGETS)[number];

export interface Fault extends FaultParameters {
  readonly id: string;
  readonly kind: FaultKindName;
  readonly target: FaultTarget;
  readonly districtId?: string | undefined;
  readonly entityType?: EntityType | undefined;
  /** Only pages that begin at this row or later. */
  readonly fromOffset: number;
  /** Answers it still falls on; null: all. */
  times: number | null;
  /** Answers it fell on. */
  hits: number;
}

export type FaultFields = Omit<Fault, 'id' | 'hits'>;

export interface Occasion {
  readonly target: FaultTarget;
  readonly districtId?: string;
  readonly entityType?: EntityType;
  readonly offset?: number;
}

/** Faults switched on now, in the order they came. They live as long as the sandbox does. */
export class Faults {
  private faults: Fault[] = [];

  switchOn(fields: FaultFields): Fault {
    const fault = { ...fields, id: randomUUID(), hits: 0 };
    this.faults.push(fault);
    return fault;
  }

  /** Switches off those that match all of the given fields. */
  switchOff(match: { readonly id?: string; readonly districtId?: string; readonly kind?: string }): number {
    const before = this.faults.length;
    const entries = Object.entries(match);
    this.faults = this.faults.filter(
      (fault) => !entries.every(([name, value]) => Reflect.get(fault, name) === value),
    );
    return before - this.faults.length;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  /** The faults that fall on this answer; each counts it. */
  take(occasion: Occasion): readonly Fault[] {
    if (this.faults.length === 0) return [];
    const taken = this.faults.filter((fault) => falls(fault, occasion));
    for (const fault of taken) {
      fault.hits += 1;
      if (fault.times !== null) fault.times -= 1;
    }
    return taken;
  }
}

function falls(fault: Fault, { target, districtId, entityType, offset = 0 }: Occasion): boolean {
  return (
    fault.target === target &&
    fault.times !== 0 &&
    (fault.districtId === undefined || fault.districtId === districtId) &&
    (fault.entityType === undefined || fault.entityType === entityType) &&
    offset >= fault.fromOffset
  );
}

const kindOf = (fault: Fault): FaultKind => FAULT_KINDS[fault.kind];

export function faultsBefore(
  faults: readonly Fault[],
  district: District,
  type: EntityType,
  ask: PageAsk,
): void {
  for (const fault of faults) kindOf(fault).before?.(district, type, ask);
}

export function faultyAsk(faults: readonly Fault[], ask: PageAsk): PageAsk {
  return faults.reduce((asked, fault) => kindOf(fault).ask?.(asked, fault) ?? asked, ask);
}

export function faultyPage(faults: readonly Fault[], page: Page, ask: PageAsk): Page {
  return faults.reduce((made, fault) => kindOf(fault).page?.(made, fault, ask) ?? made, page);
}

export function faultyReply(faults: readonly Fault[], reply: Reply, asked: Ask): Reply {
  return faults.reduce((made, fault) => kindOf(fault).reply?.(made, fault, asked) ?? made, reply);
}
