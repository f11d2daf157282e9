/** The coordinator's admin API, asked again while it is away. */
import { types } from 'node:util';
import type { EntityType, PerType, VerbCounts } from '#contracts';
import type { DistrictSummary, Proof, RunSummary, WarningCounts } from '#ledger';
import type { Fleet } from './fleet.js';
import { WITHIN_MS } from './until.js';

export interface RunView extends RunSummary {
  readonly guard: readonly object[];
  readonly found: {
    readonly quarantined: PerType<number>;
    readonly erased: PerType<number>;
    readonly quarantinedRecords: PerType<readonly object[]>;
    readonly warnings: WarningCounts;
    readonly notAllowed: readonly EntityType[];
  };
  readonly proof: Proof;
  readonly stillThere: PerType<readonly string[]>;
  readonly types: PerType<VerbCounts>;
  readonly stale: readonly { readonly entityType: EntityType; readonly count: number }[];
}

export interface DistrictView extends DistrictSummary {
  readonly blackout: object | null;
}

interface RequestedRun {
  readonly outcome: 'opened' | 'taken-up' | 'wanted';
  readonly run: RunView | null;
}

/** One that was stopped in the middle of an answer never gives it. */
const ANSWERS_WITHIN_MS = 5_000;

type Retries = 'at-once' | 'scheduled';

export class CoordinatorClient {
  constructor(
    private readonly fleet: Fleet,
    private readonly url: () => string | null,
    private readonly withinMs = WITHIN_MS,
  ) {}

  /** The run that is under way or was opened for us. */
  async open(districtId: string, retries: Retries = 'scheduled'): Promise<RunView> {
    await this.fleet.until('the coordinator knew the district', async () => {
      await this.ask('POST', '/discovery', {});
      return this.knows(districtId);
    });
    return this.fleet.until(
      'a run was opened',
      async () => {
        const { run } = await this.ask<RequestedRun>('POST', `/districts/${districtId}/runs`, { retries });
        return run;
      },
      this.withinMs,
    );
  }

  run({ districtId, generation }: Pick<RunView, 'districtId' | 'generation'>): Promise<RunView> {
    return this.ask('GET', `/districts/${districtId}/runs/${generation}`);
  }

  /** Held, or closed for good; a completed one also persisted, an aborted or superseded one followed by the next. */
  settled(run: RunView): Promise<RunView> {
    let followed: Pick<RunView, 'districtId' | 'generation'> = run;
    return this.fleet.until(
      'the run was settled',
      async () => {
        const now = await this.run(followed);
        if (now.state === 'superseded' || (now.state === 'aborted' && now.retryAt !== null)) {
          const [newest] = await this.runs(now.districtId);
          if (newest !== undefined) followed = newest;
          return null;
        }
        return isSettled(now) ? now : null;
      },
      this.withinMs,
    );
  }

  async runToEnd(districtId: string, retries: Retries = 'scheduled'): Promise<RunView> {
    return this.settled(await this.open(districtId, retries));
  }

  /** Newest first; by default of all districts. */
  async runs(districtId?: string): Promise<readonly RunSummary[]> {
    const query = districtId === undefined ? '' : `?districtId=${districtId}`;
    const runs = await this.ask<readonly RunSummary[]>('GET', `/runs${query}`);
    return [...runs].sort((a, b) => b.generation - a.generation);
  }

  async knows(districtId: string): Promise<boolean> {
    const districts = await this.ask<readonly { districtId: string }[]>('GET', '/districts');
    return districts.some((district) => district.districtId === districtId);
  }

  async district(districtId: string): Promise<DistrictView> {
    return this.ask('GET', `/districts/${districtId}`);
  }

  /** All settings of the district. */
  configure(districtId: string, settings: object): Promise<DistrictView> {
    return this.ask('PUT', `/districts/${districtId}/settings`, settings);
  }

  decide(run: RunView, verdict: 'approval' | 'rejection', digest = run.digest): Promise<RunView> {
    const path = `/districts/${run.districtId}/runs/${run.generation}/${verdict}`;
    return this.ask('POST', path, { digest, who: 'pipeline suite', why: 'as the case wants it' });
  }

  private async ask<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.fleet.until(
      `the coordinator answered ${path}`,
      () => this.try(method, path, body),
      this.withinMs,
    );
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`the coordinator answered ${method} ${path} with ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }

  private async try(method: string, path: string, body?: object): Promise<Response | null> {
    const url = this.url();
    if (url === null) return null;
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return answer.status >= 500 ? null : answer;
    } catch (error) {
      // Nobody listens there any more. Jest's own TypeError is another one than that of fetch.
      if (types.isNativeError(error) && error.name === 'TypeError') return null;
      if ((error as Error).name === 'TimeoutError') return null;
      throw error;
    }
  }
}

function isSettled(run: RunView): boolean {
  switch (run.state) {
    case 'completed':
      return run.persisted;
    case 'held':
    case 'rejected':
    case 'expired':
    case 'aborted':
      return true;
    default:
      return false;
  }
}
