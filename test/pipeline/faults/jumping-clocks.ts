/* The wall clocks of services, each of which can be set while it runs; jumping-clock.ts obeys. */
import { mkdirSync, renameSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from '../../../tools/project.js';
import type { Settings } from '../support/fleet.js';
import type { Running } from '../support/running.js';
import { until } from '../support/until.js';

const CLOCK = join(projectFolder, 'dist', 'test', 'pipeline', 'faults', 'jumping-clock.js');

export class JumpingClocks {
  readonly #wrong = new Set<Running>();

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Of every service whose clock is to be set. */
  get settings(): Settings {
    const options = [process.env['NODE_OPTIONS'], `--import=${pathToFileURL(CLOCK).href}`];
    return { JUMPING_CLOCKS: this.folder, NODE_OPTIONS: options.filter(Boolean).join(' ') };
  }

  /** It is off by so much from now on, or, where it stands still, from the moment it goes on. */
  set(service: Running, offsetMs: number): void {
    const file = this.fileOf(service);
    rmSync(`${file}.obeyed`, { force: true });
    writeFileSync(`${file}.draft`, String(offsetMs));
    renameSync(`${file}.draft`, file);
    this.#wrong.add(service);
  }

  async obeyed(): Promise<void> {
    for (const one of this.#wrong)
      await until(
        `the ${one.name}'s clock jumped`,
        () => one.hasEnded || existsSync(`${this.fileOf(one)}.obeyed`),
      );
  }

  /** All that run are right again. */
  async right(): Promise<void> {
    const wrong = [...this.#wrong];
    this.#wrong.clear();
    for (const one of wrong.filter(({ hasEnded }) => !hasEnded)) this.set(one, 0);
    await this.obeyed();
    this.#wrong.clear();
  }

  private fileOf({ pid }: Running): string {
    return join(this.folder, String(pid));
  }
}
