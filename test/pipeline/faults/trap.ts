/*
 * Strikes one of the processes that share it, the first to come to a failpoint for the given time, by SIGKILL or
 * SIGSTOP. Nothing is restarted for that.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '../support/ground.js';

export interface Instant {
  readonly service: ServiceName;
  /** The failpoint's name behind that of its service. */
  readonly instant: string;
  /** At which hit of it by the same process; default the first. */
  readonly hit?: number;
}

export class Trap {
  readonly file: string;
  #armed = 0;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, 'trap');
  }

  arm({ service, instant, hit = 1 }: Instant, signal: 'SIGKILL' | 'SIGSTOP'): void {
    this.disarm();
    this.#armed += 1;
    const draft = `${this.file}-draft`;
    writeFileSync(draft, `${service}.${instant} ${hit} ${signal} ${this.#armed}`);
    renameSync(draft, this.file);
  }

  /** Of the process that was struck; null as long as none was. */
  struck(): number | null {
    const name = readdirSync(this.folder).find((one) => one.startsWith('trap.'));
    return name === undefined ? null : Number(name.slice('trap.'.length));
  }

  disarm(): void {
    const pid = this.struck();
    if (pid !== null) rmSync(`${this.file}.${pid}`);
    if (existsSync(this.file)) rmSync(this.file, { force: true });
  }
}
