/*
 * One process of a service, from its start to its end: what it said, what it counted, and how it ended. An end that
 * nobody asked for is its `trouble`.
 */
import { readFileSync } from 'node:fs';
import type { GuardedChild } from '../../../tools/infrastructure/native/guarded-child.js';

export type AppName = 'sandbox' | 'coordinator' | 'fetcher' | 'reconciler' | 'persister';

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

type Signal = 'SIGSTOP' | 'SIGCONT' | 'SIGKILL';

const STOPS_WITHIN_MS = 10_000;
const KILLED = 137;

export class Running {
  #isAwaited = false;
  #isFrozen = false;

  constructor(
    readonly name: AppName,
    private readonly child: GuardedChild,
    private readonly logFile: string,
  ) {}

  get hasEnded(): boolean {
    return this.child.hasEnded();
  }

  /** Neither ended nor stopped by SIGSTOP. */
  get isAwake(): boolean {
    return !this.hasEnded && !this.#isFrozen;
  }

  /** Of the service itself; NaN before it listens. */
  get pid(): number {
    return Number(this.listening()?.['pid']);
  }

  /** Why it should not have ended; null while it runs, and where its end was asked for. */
  get trouble(): string | null {
    if (!this.child.hasEnded() || this.#isAwaited) return null;
    return `${this.name} ended unasked; its log ends with\n${this.text().slice(-3000)}`;
  }

  /** Everything it wrote; log lines are JSON, others are not. */
  text(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  lines(event?: string): readonly LogLine[] {
    const whole = this.text().split('\n').slice(0, -1);
    const lines = whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
    return event === undefined ? lines : lines.filter((line) => line.event === event);
  }

  listening(): LogLine | null {
    return this.lines('listening')[0] ?? null;
  }

  get url(): string {
    return String(this.listening()?.url);
  }

  /** Sum over all labels of a metric; 0 where it was never counted. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const samples = text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/health/ready`)).ok;
  }

  /** From now on its end is no trouble, or is trouble again. */
  expectEnd(isExpected = true): void {
    this.#isAwaited = isExpected;
  }

  signal(signal: Signal): void {
    if (this.hasEnded) throw new Error(`${this.name} has ended, so it cannot be sent ${signal}`);
    this.frozen(signal === 'SIGSTOP');
    process.kill(this.pid, signal);
  }

  /** It stopped itself, or goes on. */
  frozen(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
  }

  /** SIGTERM; it must end by itself, in time and with exit code 0. */
  async stop(): Promise<void> {
    this.expectEnd();
    const askedAt = Date.now();
    await this.child.close();
    const tookMs = Date.now() - askedAt;
    if ((await this.exitCode()) !== 0) throw new Error(`did not stop well: ${await this.child.ended}`);
    if (tookMs > STOPS_WITHIN_MS) throw new Error(`${this.name} took ${tookMs} ms to stop`);
  }

  /**
   * Resolves when it was killed at the failpoint it was started with. Throws if it ended otherwise, or lives when
   * `tooLate` settles: then the failpoint was not hit while it mattered.
   */
  async killed(tooLate: Promise<unknown>): Promise<void> {
    this.expectEnd();
    await Promise.race([this.child.ended, tooLate]);
    if (!this.child.hasEnded()) throw new Error(`${this.name} was not killed: its failpoint was never hit`);
    if ((await this.exitCode()) !== KILLED)
      throw new Error(`not killed by a failpoint: ${await this.child.ended}`);
  }

  /** Waits for its end; a signal counts as 128 and its number. */
  async exitCode(): Promise<number> {
    const said = await this.child.ended;
    const code = /^\S+ ended with exit code (\d+)/.exec(said)?.[1];
    if (code === undefined) throw new Error(`ended without an exit code: ${said}`);
    return Number(code);
  }

  async end(): Promise<void> {
    this.expectEnd();
    if (this.#isFrozen && !this.hasEnded) this.signal('SIGCONT');
    await this.child.close();
  }
}
