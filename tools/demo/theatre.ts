/**
 * What the acts stand on: asks for runs, decides held plans, and holds what a run says against the rows in
 * Postgres and the sandbox's truth. A difference is an ActFailedError.
 */
import { isDeepStrictEqual } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { ENTITY_TYPES, type VerbCounts } from '#contracts';
import type { RunView } from '../start/admin-api.client.js';
import { isSettled, runEveryDistrict } from '../start/runs.js';
import { formatCounts, type HeldPlan } from './playbill.js';
import { compareRows, NO_ROWS, perType, readRows, type Counts, type Rows } from './rows.js';
import { Sandbox } from './sandbox.client.js';
import type { Stage } from './stage.js';

const LOOK_EVERY_MS = 200;
const DECIDED_WITHIN_MS = 120_000;
const NOTHING: VerbCounts = {
  ...{ created: 0, updated: 0, restored: 0, archived: 0, unchanged: 0, quarantined: 0 },
};

/** An act did not go as told. */
export class ActFailedError extends Error {}

export function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new ActFailedError(otherwise);
}

export class Theatre {
  readonly sandbox: Sandbox;
  readonly #stage: Stage;
  readonly #client: pg.Client;
  readonly #districtId: string;
  /** The rows as the act found them. */
  #before: Rows = NO_ROWS;

  constructor(stage: Stage, client: pg.Client, sandbox: Sandbox, districtId: string) {
    this.#stage = stage;
    this.#client = client;
    this.sandbox = sandbox;
    this.#districtId = districtId;
  }

  get client(): pg.Client {
    return this.#client;
  }

  get districtId(): string {
    return this.#districtId;
  }

  /** From here on, rows are compared with what they are now. */
  async beginAct(): Promise<void> {
    this.#before = await readRows(this.#client, this.#districtId);
  }

  /** Changes what the sandbox shares of the district. */
  change<T>(method: string, path: string, body?: object): Promise<T> {
    return this.sandbox.control<T>(method, `districts/${this.#districtId}/${path}`, body);
  }

  /** A run, followed until it is settled and persisted. */
  async run(expected: 'completed' | 'held'): Promise<RunView> {
    const { api, lag, signal } = this.#stage;
    const wish = { dryRun: false, retries: 'at-once' } as const;
    const districts = await runEveryDistrict({ api, wish, lag, signal, seen: () => undefined });
    const run = districts.find(({ districtId }) => districtId === this.#districtId)?.run;
    if (run === null || run === undefined) throw new ActFailedError('no run was opened');
    expectThat(run.state === expected, `run ${run.generation} is ${run.state}, not ${expected}: ${run.why}`);
    return run;
  }

  async lastRun(): Promise<RunView> {
    const districts = await this.#stage.api.districts();
    const last = districts.find(({ districtId }) => districtId === this.#districtId)?.lastRun;
    if (last === null || last === undefined) throw new ActFailedError('the district has no run');
    return this.#stage.api.run(this.#districtId, last.generation);
  }

  async heldPlan({ generation }: RunView): Promise<HeldPlan> {
    return this.#ask('GET', generation);
  }

  /** Approves or rejects the plan that has this digest, and waits for what follows. */
  async decide(
    { generation }: RunView,
    decision: 'approval' | 'rejection',
    digest: string,
    why: string,
  ): Promise<RunView> {
    await this.#ask('POST', generation, `/${decision}`, { digest, who: 'the demo', why });
    const expected = decision === 'approval' ? 'completed' : 'rejected';
    const giveUpAt = Date.now() + DECIDED_WITHIN_MS;
    let run = await this.#stage.api.run(this.#districtId, generation);
    while (run.state === 'held' || !isSettled(run)) {
      expectThat(Date.now() < giveUpAt, `after its ${decision} run ${generation} stays ${run.state}`);
      await pause(LOOK_EVERY_MS, undefined, { signal: this.#stage.signal });
      run = await this.#stage.api.run(this.#districtId, generation);
    }
    expectThat(run.state === expected, `after its ${decision} run ${generation} is ${run.state}: ${run.why}`);
    return run;
  }

  /** What the plan says is what happened to the rows since the act began; while held, all but archiving. */
  async expectRows(run: RunView): Promise<Counts> {
    const isSwept = run.state === 'completed';
    const plan = perType((type) => ({ ...NOTHING, ...run.types[type] }));
    const told = isSwept ? plan : perType((type) => withoutSweep(plan[type]));
    const found = compareRows(this.#before, await readRows(this.#client, this.#districtId));
    if (!isDeepStrictEqual(told, found))
      throw new ActFailedError(
        `the plan and the rows in Postgres differ; told:\n${formatCounts(told)}\nfound:\n${formatCounts(found)}`,
      );
    return found;
  }

  /** Active rows are what the sandbox shares, archived ones what it no longer shares. */
  async expectTruth(): Promise<void> {
    const truth = await this.sandbox.truth(this.#districtId);
    const rows = await readRows(this.#client, this.#districtId);
    for (const type of ENTITY_TYPES) {
      const all = [...rows[type]];
      const active = all.filter(([, { archived }]) => !archived).map(([id]) => id);
      const archived = all.filter(([, row]) => row.archived).map(([id]) => id);
      expectThat(areSame(active, truth[type].shared), `active ${type} are not those the sandbox shares`);
      expectThat(areSame(archived, truth[type].gone), `archived ${type} are not those the sandbox took away`);
    }
  }

  async #ask<T>(method: string, generation: number, path = '', body?: object): Promise<T> {
    const url = `${this.#stage.coordinatorUrl()}/districts/${this.#districtId}/runs/${generation}${path}`;
    const token = process.env.COORDINATOR_TOKEN ?? '';
    const answer = await fetch(url, {
      method,
      signal: this.#stage.signal,
      headers: {
        'content-type': 'application/json',
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    expectThat(answer.ok, `the coordinator answered ${method} ${path} with ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}

function withoutSweep(counts: VerbCounts): VerbCounts {
  return { ...counts, archived: 0, unchanged: counts.unchanged + counts.archived };
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return isDeepStrictEqual([...some].sort(), [...others].sort());
}
