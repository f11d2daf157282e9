/** The coordinator's admin API. A coordinator that is away or restarting is asked again for a while. */
import { setTimeout as pause } from 'node:timers/promises';
import type { PerType, VerbCounts } from '#contracts';
import type { DistrictSummary, Proof, RunSummary } from '#ledger';

const GIVE_UP_AFTER_MS = 60_000;
const ASK_AGAIN_MS = 500;
const ANSWERS_WITHIN_MS = 30_000;

export interface RunView extends RunSummary {
  readonly proof: Proof;
  readonly guard: readonly object[];
  readonly types: PerType<VerbCounts>;
  readonly progress: PerType<number>;
  readonly applied: PerType<Partial<VerbCounts>>;
  readonly partitions: readonly {
    readonly planned: boolean;
    readonly applied: boolean;
    readonly swept: boolean;
  }[];
}

export interface RunWish {
  readonly dryRun: boolean;
  readonly retries: 'at-once' | 'scheduled';
}

export interface RequestedRun {
  readonly outcome: 'opened' | 'taken-up' | 'wanted';
  readonly run: RunView | null;
  readonly district: DistrictSummary;
}

/** An answer that asking again will not change. */
export class AdminApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class AdminApi {
  readonly #url: () => string | null;
  readonly #signal: AbortSignal;
  readonly #token: string;

  constructor(url: () => string | null, signal: AbortSignal, token = process.env.COORDINATOR_TOKEN ?? '') {
    this.#url = url;
    this.#signal = signal;
    this.#token = token;
  }

  readDiscovery(): Promise<readonly DistrictSummary[]> {
    return this.#ask('POST', '/discovery', {});
  }

  districts(): Promise<readonly DistrictSummary[]> {
    return this.#ask('GET', '/districts');
  }

  requestRun(districtId: string, wish: RunWish): Promise<RequestedRun> {
    return this.#ask('POST', `/districts/${districtId}/runs`, wish);
  }

  run(districtId: string, generation: number): Promise<RunView> {
    return this.#ask('GET', `/districts/${districtId}/runs/${generation}`);
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const giveUpAt = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      const answer = await this.#try(method, path, body);
      if ('value' in answer) return answer.value as T;
      if (Date.now() >= giveUpAt) throw new AdminApiError(answer.why, answer.status);
      await pause(ASK_AGAIN_MS, undefined, { signal: this.#signal });
    }
  }

  async #try(method: string, path: string, body?: object): Promise<{ value: unknown } | Refusal> {
    this.#signal.throwIfAborted();
    const url = this.#url();
    if (url === null) return { why: 'the coordinator is not there', status: 0 };
    const answer = await this.#fetch(url, method, path, body);
    if (answer instanceof Error) return { why: `the coordinator does not answer ${path}`, status: 0 };
    const { status, text } = answer;
    if (status < 300) return { value: JSON.parse(text) };
    const why = `the coordinator answered ${path} with ${status}: ${messageOf(text)}`;
    if (status < 500) throw new AdminApiError(why, status);
    return { why, status };
  }

  async #fetch(url: string, method: string, path: string, body?: object): Promise<Answer | Error> {
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]),
        headers: {
          'content-type': 'application/json',
          ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      this.#signal.throwIfAborted();
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Refusal {
  readonly why: string;
  readonly status: number;
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : JSON.stringify(message);
  } catch (error) {
    if (error instanceof SyntaxError) return 'no JSON';
    throw error;
  }
}
