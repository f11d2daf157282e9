import type { EntityType } from '#contracts';
import { csvPages } from '#csv-bundle';
import {
  SchoolPassportError,
  type BundledDistrict,
  type CollectionPart,
  type Discovery,
  type DistrictSource,
  type OneRosterClient,
  type Quirks,
} from '#school-passport';
import type { SingleAnswer, Source } from './ports.js';

const ENDS_THE_CONVERSATION: ReadonlySet<string> = new Set([
  'unauthorized',
  'unknown-district',
  'insecure-url',
]);
const AWAY: ReadonlySet<string> = new Set(['network', 'timeout', 'retry-budget', 'asked-to-wait']);
const NOT_BUILT = 501;

/** A district's collections, from its server or out of its CSV bundle. */
export class SchoolPassportSource implements Source {
  constructor(
    private readonly discovery: Discovery,
    private readonly client: OneRosterClient,
    private readonly onPage: (type: EntityType) => void = () => undefined,
  ) {}

  find(districtId: string): Promise<DistrictSource | null> {
    return this.discovery.find(districtId);
  }

  async *pages(
    source: DistrictSource,
    type: EntityType,
    signal: AbortSignal,
    noticed: Quirks,
  ): AsyncGenerator<CollectionPart> {
    const parts =
      source.kind === 'csv'
        ? bundleParts(source, type, signal)
        : this.client.pages(source, type, signal, noticed);
    for await (const part of parts) {
      if (part.kind === 'page') this.onPage(type);
      yield part;
    }
  }

  async readOne(
    source: DistrictSource,
    type: EntityType,
    gg4lId: string,
    signal: AbortSignal,
  ): Promise<SingleAnswer> {
    if (source.kind === 'csv') return { kind: 'silent', why: 'a CSV bundle has no single records' };
    try {
      const row = await this.client.readOne(source, type, gg4lId, signal);
      return row === null ? { kind: 'gone' } : { kind: 'record', row };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SchoolPassportError) || ENDS_THE_CONVERSATION.has(error.code)) throw error;
      return { kind: isAway(error) ? 'no-answer' : 'silent', why: whyOf(error) };
    }
  }
}

function isAway({ code, coordinates }: SchoolPassportError): boolean {
  const status = coordinates?.status ?? 0;
  if (AWAY.has(code)) return true;
  if (status === 408 || status === 425 || status === 429) return true;
  return status >= 500 && status !== NOT_BUILT;
}

function whyOf({ code, coordinates }: SchoolPassportError): string {
  const status = coordinates?.status ?? 200;
  return status === 200 ? code : `status ${status}`;
}

/** A file has no pages that could miss a row between them, and no server whose ways are to be told. */
async function* bundleParts(
  source: BundledDistrict,
  type: EntityType,
  signal: AbortSignal,
): AsyncGenerator<CollectionPart> {
  for await (const part of csvPages(source, type, signal))
    yield part.kind === 'end' ? { ...part, boundaries: NO_BOUNDARIES } : part;
}

const NO_BOUNDARIES = { matched: 0, mismatched: 0, unchecked: 0 };
