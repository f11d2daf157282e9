/* A program that says JSON lines on stdout, and what it has said. */
import { spawn, type ChildProcess } from 'node:child_process';

const WITHIN_MS = 60_000;

export type Line = Readonly<Record<string, unknown>>;

export class RunningExample {
  readonly lines: Line[] = [];
  #stderr = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;

  constructor(file: string, args: readonly string[], options: { cwd: string; env: NodeJS.ProcessEnv }) {
    this.#child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      this.lines.push(...parts.map((line) => JSON.parse(line) as Line));
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async until(what: string, holds: (lines: readonly Line[]) => boolean): Promise<void> {
    const giveUpAt = Date.now() + WITHIN_MS;
    while (!holds(this.lines)) {
      if (this.hasEnded || Date.now() > giveUpAt) throw new Error(`not seen: ${what}\n${this.#stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Its exit code, after SIGTERM. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#ended;
  }

  ended(): Promise<number | null> {
    return this.#ended;
  }
}
