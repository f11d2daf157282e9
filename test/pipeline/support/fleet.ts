/*
 * The services as processes of their own, from dist/. None can outlive this one; one that ends unasked fails every
 * wait that goes on and the check at the end of a case, with its last lines.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGuarded, type GuardedChild } from '../../../tools/infrastructure/native/guarded-child.js';
import { projectFolder } from '../../../tools/project.js';
import { until, WITHIN_MS, type Look } from './until.js';

export type AppName = 'sandbox' | 'coordinator' | 'fetcher' | 'reconciler' | 'persister';
type Settings = Readonly<Record<string, string>>;

export interface LogLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** One process of a service, from its start to its end. */
export class Running {
  #isAwaited = false;

  constructor(
    readonly name: AppName,
    private readonly child: GuardedChild,
    private readonly logFile: string,
  ) {}

  get hasEnded(): boolean {
    return this.child.hasEnded();
  }

  /** Why it should not have ended; null while it runs, and where its end was asked for. */
  get trouble(): string | null {
    if (!this.child.hasEnded() || this.#isAwaited) return null;
    return `${this.name} ended unasked; its log ends with\n${this.text().slice(-3000)}`;
  }

  lines(): readonly LogLine[] {
    const lines = this.text().split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  }

  listening(): LogLine | null {
    return this.lines().find(({ event }) => event === 'listening') ?? null;
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

  /** SIGTERM; it must end by itself, with exit code 0 or by the signal. */
  async stop(): Promise<void> {
    this.#isAwaited = true;
    await this.child.close();
    const said = await this.child.ended;
    if (!/ended with exit code (0|143)\b/.test(said))
      throw new Error(`${this.name} did not stop well: ${said}`);
  }

  /** Waits for the failpoint it was started with; one that is never hit fails the case. */
  async killedByFailpoint(): Promise<void> {
    this.#isAwaited = true;
    await until(`${this.name} was killed at its failpoint`, () => this.child.hasEnded());
    const said = await this.child.ended;
    if (!said.includes('ended with exit code 137')) throw new Error(`not killed by a failpoint: ${said}`);
  }

  async end(): Promise<void> {
    this.#isAwaited = true;
    await this.child.close();
  }

  private text(): string {
    return readFileSync(this.logFile, 'utf8');
  }
}

export class Fleet {
  readonly #all: Running[] = [];

  constructor(
    private readonly folder: string,
    private readonly settings: Settings,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** Resolves when it listens. */
  async start(name: AppName, settings: Settings = {}, args: readonly string[] = []): Promise<Running> {
    const logFile = join(this.folder, `${this.#all.length}-${name}.log`);
    const main = join(projectFolder, 'dist', 'apps', name, 'src', 'main.js');
    const child = startGuarded({
      name,
      command: [process.execPath, '--enable-source-maps', main, ...args],
      stopSignal: 'TERM',
      logFile,
      cwd: projectFolder,
      env: { ...process.env, ...this.settings, ...settings },
      graceMs: 12_000,
    });
    const running = new Running(name, child, logFile);
    this.#all.push(running);
    await this.until(`${name} listened`, () => running.listening());
    return running;
  }

  async startAll<N extends AppName>(names: readonly N[]): Promise<Readonly<Record<N, Running>>> {
    const started = await Promise.all(names.map(async (name) => [name, await this.start(name)] as const));
    return Object.fromEntries(started) as Record<N, Running>;
  }

  /** One that was started elsewhere is watched and ended here. */
  adopt(running: Running): void {
    this.#all.push(running);
  }

  /** As `until`, but given up at once when a process ends unasked. */
  until<T>(what: string, look: Look<T>, withinMs = WITHIN_MS): Promise<T> {
    return until(
      what,
      () => {
        this.assertAlive();
        return look();
      },
      withinMs,
    );
  }

  async stop(names: readonly AppName[]): Promise<void> {
    const running = this.#all.filter(({ name, hasEnded }) => !hasEnded && names.includes(name));
    await Promise.all(running.map((one) => one.stop()));
  }

  assertAlive(): void {
    const troubles = this.#all.map(({ trouble }) => trouble).filter((trouble) => trouble !== null);
    if (troubles.length > 0) throw new Error(troubles.join('\n'));
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((running) => running.end()));
  }
}
