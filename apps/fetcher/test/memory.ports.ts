import {
  ENTITY_TYPES,
  recordHash,
  type DeadLetterFields,
  type EntityType,
  type PerType,
  type Report,
  type RunKey,
} from '#contracts';
import type {
  ClaimedRun,
  Confirmation,
  ErasedKeys,
  KnownVersions,
  Reading,
  ReadRetry,
  ReferenceShares,
} from '#ledger';
import type { Boundaries, CollectionPart, DistrictSource, Quirk, Quirks } from '#school-passport';
import type {
  Clock,
  ConfirmPorts,
  Ledger,
  Placed,
  Ports,
  RawLog,
  SingleAnswer,
  Source,
} from '../src/ports.js';

export const RUN: ClaimedRun = {
  districtId: 'd1',
  generation: 7,
  openedAt: '2026-01-01T00:00:00.000Z',
  refresh: [],
  attempt: 1,
  dryRun: false,
  allow: null,
  maskedBefore: null,
};

export const DISTRICT: DistrictSource = {
  districtId: 'd1',
  name: 'District One',
  kind: 'server',
  version: '1.1',
  oneRosterUrl: 'https://source.example.org',
  auth: { kind: 'bearer', token: 'hush' },
  allowHttp: false,
  pageLimit: null,
  readyStamp: 's1',
  expiresAt: null,
};

export type Rows = Partial<Record<EntityType, readonly unknown[]>>;

/** Everything outside, in memory; one list says in which order things happened. */
export class MemoryPorts implements Ports {
  readonly happened: string[] = [];
  readonly appended: Placed[] = [];
  readonly reports: Report[] = [];
  readonly letters: DeadLetterFields[] = [];
  readonly clock = new ManualClock();
  reading: Reading | undefined;
  confirmation: Confirmation | undefined;
  failure: { readonly reason: string; readonly retry: ReadRetry } | undefined;
  failureQuirks: readonly string[] = [];
  lastReferences: ReferenceShares | null = null;
  /** Ids of erased records by type. */
  erased: PerType<readonly string[]> = {};
  knownVersions: KnownVersions = { last: null, confirmed: null };
  district: DistrictSource | null = DISTRICT;
  /** What the ledger answers to a renewal. */
  renewal: () => Promise<boolean> = () => Promise.resolve(true);
  /** Runs before a page is given, or a message taken. */
  onPage: (type: EntityType) => void | Promise<void> = () => undefined;
  onAppend: (messages: readonly Placed[]) => void | Promise<void> = () => undefined;
  onFinish: () => void | Promise<void> = () => undefined;
  readonly notGranted = new Set<EntityType>();
  /** What each collection's end tells. */
  boundaries: Boundaries = { matched: 1, mismatched: 0, unchecked: 0 };
  /** What each page claims; null: no totals. */
  totals: 'told' | null = 'told';
  /** What each collection needs. */
  quirks: readonly Quirk[] = [];
  /** What the source answers to a single read. */
  onReadOne: (type: EntityType, gg4lId: string) => SingleAnswer | Promise<SingleAnswer> = () => ({
    kind: 'gone',
  });

  constructor(
    private readonly rows: Rows = {},
    private readonly pageSize = 2,
  ) {}

  readonly ledger: Ledger = {
    claim: () => Promise.resolve(null),
    renew: async () => {
      this.happened.push('renew');
      return this.renewal();
    },
    finish: async (_run: RunKey, _owner: string, reading: Reading) => {
      await this.onFinish();
      this.happened.push('finish');
      this.reading = reading;
      return true;
    },
    fail: async (_run: RunKey, _owner: string, reason: string, retry: ReadRetry, quirks = []) => {
      this.happened.push('fail');
      this.failure = { reason, retry };
      this.failureQuirks = quirks;
      return true;
    },
    lastReferences: () => Promise.resolve(this.lastReferences),
    knownVersions: () => Promise.resolve(this.knownVersions),
    erased: (districtId) => Promise.resolve(keysOf(districtId, this.erased)),
  };

  readonly confirming: ConfirmPorts['ledger'] = {
    claim: () => Promise.resolve(null),
    renew: async (_run, _owner, leaseMs) => {
      this.happened.push(leaseMs === 0 ? 'give up' : 'renew');
      return this.renewal();
    },
    finish: async (_run, _owner, confirmation) => {
      this.happened.push('finish');
      this.confirmation = confirmation;
      return true;
    },
    fail: (run, owner, reason, retry) => this.ledger.fail(run, owner, reason, retry),
    erased: (districtId) => this.ledger.erased(districtId),
  };

  readonly log: RawLog = {
    append: async (messages) => {
      await this.onAppend(messages);
      this.appended.push(...messages);
      this.happened.push(...messages.map(({ message }) => message.kind));
    },
    report: async (report) => {
      this.reports.push(report);
      this.happened.push(`report ${report.kind}`);
    },
    deadLetters: async (letters) => {
      this.letters.push(...letters);
    },
  };

  readonly source: Source = {
    find: () => Promise.resolve(this.district),
    pages: (_source, type, signal, noticed) => this.pages(type, signal, noticed),
    readOne: async (_source, type, gg4lId) => this.onReadOne(type, gg4lId),
  };

  private async *pages(
    type: EntityType,
    signal: AbortSignal,
    noticed: Quirks,
  ): AsyncGenerator<CollectionPart> {
    for (const quirk of this.quirks) noticed.add(quirk);
    if (this.notGranted.has(type)) {
      yield { kind: 'not-granted', status: 404 };
      return;
    }
    const rows = this.rows[type] ?? [];
    const total = this.totals === null ? null : rows.length;
    let offset = 0;
    for (; offset < rows.length; offset += this.pageSize) {
      await this.onPage(type);
      signal.throwIfAborted();
      yield { kind: 'page', rows: rows.slice(offset, offset + this.pageSize), total, offset };
    }
    const { boundaries } = this;
    yield { kind: 'end', total, offset: rows.length, boundaries };
  }
}

/** Time passes only when a spec says so. */
export class ManualClock implements Clock {
  private nowMs = 0;
  private readonly waiting = new Set<{ readonly at: number; wake(): void }>();

  elapsedMs(): number {
    return this.nowMs;
  }

  timestamp(): string {
    return new Date(this.nowMs).toISOString();
  }

  delay(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.waiting.delete(waiter);
        reject(new Error('the wait was ended'));
      };
      const wake = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      const waiter = { at: this.nowMs + ms, wake };
      this.waiting.add(waiter);
      signal.addEventListener('abort', end);
    });
  }

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    for (const waiter of [...this.waiting].filter(({ at }) => at <= this.nowMs)) {
      this.waiting.delete(waiter);
      waiter.wake();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function keysOf(districtId: string, erased: PerType<readonly string[]>): ErasedKeys {
  const keys = ENTITY_TYPES.flatMap((type) =>
    (erased[type] ?? []).map((id) => `${type}/${recordHash(districtId, type, id).toString('hex')}` as const),
  );
  return new Set(keys);
}
