/*
 * The services as processes of their own, from dist/. None can outlive this one; one that ends unasked fails every
 * wait that goes on and the check at the end of a case, with its last lines.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startGuarded } from '../../../tools/infrastructure/native/guarded-child.js';
import { projectFolder } from '../../../tools/project.js';
import { Running, type AppName } from './running.js';
import { until, WITHIN_MS, type Look } from './until.js';

export type Settings = Readonly<Record<string, string>>;

/** Longer than a service may take to stop, so that one that takes longer is seen to. */
const GRACE_MS = 12_000;

export class Fleet {
  readonly #all: Running[] = [];
  #isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly settings: Settings,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** Resolves when it listens. */
  async start(name: AppName, settings: Settings = {}, args: readonly string[] = []): Promise<Running> {
    const running = this.launch(name, settings, args);
    await this.until(`${name} listened`, () => running.listening());
    return running;
  }

  /** As `start`, for one that need not get as far as to listen. */
  launch(name: AppName, settings: Settings = {}, args: readonly string[] = []): Running {
    const logFile = join(this.folder, `${this.#all.length}-${name}.log`);
    const main = join(projectFolder, 'dist', 'apps', name, 'src', 'main.js');
    const child = startGuarded({
      name,
      command: [process.execPath, '--enable-source-maps', main, ...args],
      stopSignal: 'TERM',
      logFile,
      cwd: projectFolder,
      env: { ...process.env, ...this.settings, ...settings },
      graceMs: GRACE_MS,
    });
    const running = new Running(name, child, logFile);
    this.#all.push(running);
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

  /** Those of the names that were ever started. */
  everyone(...names: readonly AppName[]): readonly Running[] {
    return this.#all.filter(({ name }) => names.includes(name));
  }

  /** Those of the names that run. */
  running(...names: readonly AppName[]): readonly Running[] {
    return this.#all.filter(({ name, hasEnded }) => !hasEnded && names.includes(name));
  }

  /** Side by side; each must end well. */
  async stop(...names: readonly AppName[]): Promise<void> {
    await Promise.all(this.running(...names).map((one) => one.stop()));
  }

  /** As `until`, but given up at once when a process ends unasked, or all were ended. */
  until<T>(what: string, look: Look<T>, withinMs = WITHIN_MS): Promise<T> {
    return until(
      what,
      () => {
        if (this.#isClosed) throw new Error(`all services were ended before ${what}`);
        this.assertAlive();
        return look();
      },
      withinMs,
    );
  }

  assertAlive(): void {
    const troubles = this.#all.map(({ trouble }) => trouble).filter((trouble) => trouble !== null);
    if (troubles.length > 0) throw new Error(troubles.join('\n'));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#all.map((running) => running.end()));
  }
}
