import { isEntityType, type EntityType } from '#contracts';
import { FAULT_TARGETS, type FaultFields } from '../faults/faults.js';
import { FAULT_KINDS, isFaultKind } from '../faults/fault-kinds.js';
import { RefusedEditError, type EditCommand } from '../sharing/edits.js';
import {
  SCHOOL_PASSPORT,
  SERVICE_AUTHS,
  SERVICE_VERSIONS,
  type ServiceKind,
} from '../sharing/service-kind.js';

export type Fields = Readonly<Record<string, unknown>>;

const RECORD_VERBS = ['remove', 'unshare', 'reshare', 'withdraw', 'reinstate'] as const;
export type RecordVerb = (typeof RECORD_VERBS)[number];

export function isRecordVerb(value: unknown): value is RecordVerb {
  return (RECORD_VERBS as readonly unknown[]).includes(value);
}

export function refuse(message: string): never {
  throw new RefusedEditError(400, message);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function parseBody(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return refuse('the body is not JSON');
  }
}

export function toType(value: unknown): EntityType {
  return isEntityType(value) ? value : refuse('no such entity type');
}

/** One command of the list that `POST …/edits` takes. */
export function toCommand(value: unknown): EditCommand {
  if (!isFields(value)) return refuse('a command is an object');
  const { verb } = value;
  const sourcedId = (): string => optionalText(value, 'sourcedId') ?? refuse('sourcedId is missing');
  if (isRecordVerb(verb)) return { verb, type: toType(value.type), sourcedId: sourcedId() };
  switch (verb) {
    case 'edit':
      return { verb, type: toType(value.type), sourcedId: sourcedId(), ...overlays(value) };
    case 'add':
      return {
        verb,
        type: toType(value.type),
        record: isFields(value.record) ? value.record : refuse('no record'),
      };
    case 'unshare-school':
    case 'reshare-school':
      return { verb, sourcedId: sourcedId() };
    case 'change-percent':
      return { verb, percent: Number(value.percent), types: toTypes(value.types) };
    default:
      return refuse('no such verb');
  }
}

export function overlays({ attributes, wire }: Fields): { attributes?: Fields; wire?: Fields } {
  if (!isFields(attributes) && !isFields(wire)) return refuse('neither attributes nor wire');
  return { ...(isFields(attributes) ? { attributes } : {}), ...(isFields(wire) ? { wire } : {}) };
}

function toTypes(value: unknown): readonly EntityType[] {
  if (value === undefined) return ['users', 'demographics', 'enrollments', 'classes', 'courses'];
  return Array.isArray(value) ? value.map(toType) : refuse('types is a list');
}

export function toFault(value: unknown): FaultFields {
  if (!isFields(value)) return refuse('a fault is an object');
  if (!isFaultKind(value.kind)) return refuse(`kind is one of ${Object.keys(FAULT_KINDS).join(', ')}`);
  const target = FAULT_TARGETS.find((name) => name === (value.target ?? 'collection'));
  const { body } = value;
  if (body !== undefined && body !== 'json' && body !== 'html') return refuse('body is json or html');
  return {
    kind: value.kind,
    target: target ?? refuse(`target is one of ${FAULT_TARGETS.join(', ')}`),
    districtId: optionalText(value, 'districtId'),
    entityType: value.entityType === undefined ? undefined : toType(value.entityType),
    fromOffset: optionalNumber(value, 'fromOffset') ?? 0,
    times: optionalNumber(value, 'times') ?? null,
    status: optionalNumber(value, 'status'),
    delayMs: optionalNumber(value, 'delayMs'),
    limit: optionalNumber(value, 'limit'),
    count: optionalNumber(value, 'count'),
    retryAfter: optionalText(value, 'retryAfter'),
    body,
  };
}

export function toServiceKind(value: unknown): ServiceKind {
  const { version, auth } = {
    ...SCHOOL_PASSPORT,
    ...(isFields(value) ? value : refuse('a service is an object')),
  };
  return {
    version:
      SERVICE_VERSIONS.find((one) => one === version) ??
      refuse(`version is one of ${SERVICE_VERSIONS.join(', ')}`),
    auth: SERVICE_AUTHS.find((one) => one === auth) ?? refuse(`auth is one of ${SERVICE_AUTHS.join(', ')}`),
  };
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuse(`${name} is a text`);
}

function optionalNumber(fields: Fields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' && value >= 0 ? value : refuse(`${name} is a number from 0`);
}
