/**
 * The services as processes of their own that cannot outlive us. One that dies is started again three times; after
 * that, or when its settings are refused, `failed` resolves and somebody has to close(). What each says is in
 * `<data>/logs/<service>.log`, what its previous process said in `<service>.before.log`.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startGuarded, type GuardedChild } from '../infrastructure/native/guarded-child.js';
import { projectFolder } from '../project.js';

const RESTARTS = 3;
const RESTART_AFTER_MS = 500;
const LOOK_EVERY_MS = 50;
const LISTENS_WITHIN_MS = 60_000;
const LISTENING_WITHIN_BYTES = 256 * 1024;
/** Services stop within ten seconds by themselves. */
const GRACE_MS = 12_000;
const REFUSED_SETTINGS = 'ended with exit code 78';

export interface ServiceCommand {
  readonly name: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The line a service prints when it listens. */
export interface Listening {
  readonly url: string;
  readonly [field: string]: unknown;
}

interface Supervised {
  readonly command: ServiceCommand;
  child: GuardedChild;
  listening: Listening | null;
  restarts: number;
}

export class Services {
  /** Resolves with the reason when a service is given up. */
  readonly failed: Promise<string>;
  readonly #supervised = new Map<string, Supervised>();
  readonly #logFolder: string;
  readonly #say: (line: string) => void;
  #giveUp: (reason: string) => void = () => undefined;
  #closing = false;

  constructor(dataFolder: string, say: (line: string) => void) {
    this.#logFolder = join(dataFolder, 'logs');
    this.#say = say;
    mkdirSync(this.#logFolder, { recursive: true });
    this.failed = new Promise((resolve) => (this.#giveUp = resolve));
  }

  get logFolder(): string {
    return this.#logFolder;
  }

  /** Resolves when it listens. */
  async start(command: ServiceCommand): Promise<Listening> {
    const supervised: Supervised = { command, child: this.#spawn(command), listening: null, restarts: 0 };
    this.#supervised.set(command.name, supervised);
    this.#watch(supervised);
    while (!this.#closing) {
      const listening = await this.#awaitListening(supervised);
      if (listening !== null) return listening;
    }
    throw new Error(`${command.name} was stopped before it listened`);
  }

  /** Where a service answers now; null while it is being restarted. */
  urlOf(name: string): string | null {
    return this.#supervised.get(name)?.listening?.url ?? null;
  }

  /** Ends all of them with SIGTERM, and with SIGKILL what does not follow. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.#supervised.values()].map(({ child }) => child.close()));
  }

  #spawn({ name, args = [], env }: ServiceCommand): GuardedChild {
    const logFile = join(this.#logFolder, `${name}.log`);
    if (existsSync(logFile)) renameSync(logFile, join(this.#logFolder, `${name}.before.log`));
    const main = join(projectFolder, 'dist', 'apps', name, 'src', 'main.js');
    return startGuarded({
      name,
      command: [process.execPath, '--enable-source-maps', main, ...args],
      stopSignal: 'TERM',
      logFile,
      cwd: projectFolder,
      env: { ...process.env, ...env },
      graceMs: GRACE_MS,
    });
  }

  #watch(supervised: Supervised): void {
    void supervised.child.died.then((said) => this.#revive(supervised, said));
  }

  async #revive(supervised: Supervised, said: string): Promise<void> {
    supervised.listening = null;
    const { name } = supervised.command;
    if (said.includes(REFUSED_SETTINGS)) return this.#giveUp(said);
    if (supervised.restarts === RESTARTS)
      return this.#giveUp(`${said}\n${name} was restarted ${RESTARTS} times`);
    supervised.restarts += 1;
    this.#say(`${firstLine(said)}: restart ${supervised.restarts} of ${RESTARTS}`);
    await pause(RESTART_AFTER_MS * supervised.restarts);
    if (this.#closing) return;
    supervised.child = this.#spawn(supervised.command);
    this.#watch(supervised);
    const listening = await this.#awaitListening(supervised);
    if (listening !== null) this.#say(`${name} is back at ${listening.url}`);
  }

  /** Null if this process of it ended before. */
  async #awaitListening(supervised: Supervised): Promise<Listening | null> {
    const { child, command } = supervised;
    const logFile = join(this.#logFolder, `${command.name}.log`);
    const giveUpAt = Date.now() + LISTENS_WITHIN_MS;
    while (!child.hasEnded() && !this.#closing) {
      const listening = await readListening(logFile);
      if (listening !== null && supervised.child === child) return (supervised.listening = listening);
      if (Date.now() >= giveUpAt)
        this.#giveUp(`${command.name} did not listen within a minute: see ${logFile}`);
      await pause(LOOK_EVERY_MS);
    }
    await pause(LOOK_EVERY_MS); // until the next process has taken its place
    return null;
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0]?.replace(/; its last lines:$/, '') ?? '';

async function readListening(logFile: string): Promise<Listening | null> {
  const file = await open(logFile);
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(LISTENING_WITHIN_BYTES),
      0,
      LISTENING_WITHIN_BYTES,
      0,
    );
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1);
    const line = lines.find((one) => one.includes('"event":"listening"'));
    return line === undefined ? null : (JSON.parse(line) as Listening);
  } finally {
    await file.close();
  }
}
