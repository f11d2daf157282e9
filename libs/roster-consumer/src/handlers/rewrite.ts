/*
 * A journal's successor, written a little with every call that is written down, so that no call waits for all of it.
 * What is live is read off the state as it is at that moment, and every call since the beginning is written, too, in
 * order: whatever a call changes lies behind what was read before it, and what is read later holds it already.
 */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Journal } from './journal.js';

/** Lines of what is live for each call: faster than calls can add to it. */
const LINES_A_CALL = 8;

export class Rewrite {
  private constructor(
    private readonly path: string,
    private readonly journal: Journal,
    private readonly live: Iterator<string>,
  ) {}

  /** `live`: lines that make the state what it is when each is taken. */
  static async begin(path: string, live: Iterable<string>): Promise<Rewrite> {
    return new Rewrite(path, await Journal.create(newPath(path)), live[Symbol.iterator]());
  }

  /** A call that was made meanwhile. */
  add(line: string): Promise<void> {
    return this.journal.append(line, 'unsynced');
  }

  /** The successor once it is whole and in its place; `settle` is due then. */
  async goOn(): Promise<Journal | undefined> {
    for (let written = 0; written < LINES_A_CALL; written += 1) {
      const next = this.live.next();
      if (next.done === true) return this.#replace();
      await this.journal.append(next.value, 'unsynced');
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.journal.close();
  }

  /** Also gives back what it takes of the disk. */
  async giveUp(): Promise<void> {
    await this.journal.close();
    await rm(newPath(this.path), { force: true });
  }

  /** Without it the machine may come up with the old file, and what was appended to the new one is gone. */
  async settle(): Promise<void> {
    if (process.platform === 'win32') return; // folders cannot be opened there
    const folder = await open(dirname(this.path));
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #replace(): Promise<Journal> {
    await this.journal.sync();
    await rename(newPath(this.path), this.path);
    return this.journal;
  }
}

function newPath(path: string): string {
  return `${path}.new`;
}
