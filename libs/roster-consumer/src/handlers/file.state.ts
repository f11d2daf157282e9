/*
 * A state that outlives its process, for one process: a journal of what was kept, one line of JSON a call, in order. It
 * is read into memory when opened and then written anew without what was overtaken; so it is again whenever it has
 * grown to a multiple of that. A last line that was not written whole never happened.
 */
import type { EntityType } from '#contracts';
import type { FenceAt, RowsDigest, Standing } from '../following/ports.js';
import type { PassedLine } from '../progress/progress.js';
import { wholeLines, type Journal } from './journal.js';
import { MemoryState } from './memory.state.js';
import { Rewrite } from './rewrite.js';
import type { ConsumerState, KeptRecord, RecordKey, StateCall } from './state.js';

export interface FileStateOptions {
  /** The journal is written anew above this length, if that is also four times what it was when last written; default 64 MiB. */
  readonly rewriteAboveBytes?: number;
}

const REWRITE_ABOVE_BYTES = 64 * 1024 * 1024;
const GROWN = 4;

export class FileState implements ConsumerState {
  #rewrite: Rewrite | undefined;
  /** Length of the journal when it was last written anew. */
  #freshBytes: number;
  /** Calls are written down one after the other. */
  #last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly memory: MemoryState,
    private journal: Journal,
    private readonly rewriteAboveBytes: number,
  ) {
    this.#freshBytes = journal.bytes;
  }

  static async open(
    path: string,
    { rewriteAboveBytes = REWRITE_ABOVE_BYTES }: FileStateOptions = {},
  ): Promise<FileState> {
    const memory = new MemoryState();
    for await (const line of wholeLines(path)) await make(memory, fromLine(line));
    const rewrite = await Rewrite.begin(path, linesOf(memory));
    let journal: Journal | undefined;
    while (journal === undefined) journal = await rewrite.goOn();
    await rewrite.settle();
    return new FileState(path, memory, journal, rewriteAboveBytes);
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#rewrite?.close();
    await this.journal.close();
  }

  standing(entityType: EntityType, partition: number): Promise<Standing> {
    return this.memory.standing(entityType, partition);
  }

  find(entityType: EntityType, partition: number, keys: readonly RecordKey[]) {
    return this.memory.find(entityType, partition, keys);
  }

  keep(
    entityType: EntityType,
    partition: number,
    records: readonly KeptRecord[],
    fences: readonly FenceAt[],
    forgotten: readonly RecordKey[] = [],
  ): Promise<void> {
    return this.#write({ call: 'keep', entityType, partition, records, fences, forgotten });
  }

  digest(districtId: string, entityType: EntityType, partition: number): Promise<RowsDigest> {
    return this.memory.digest(districtId, entityType, partition);
  }

  forget(districtId: string, entityType: EntityType, partition: number): Promise<void> {
    return this.#write({ call: 'forget', districtId, entityType, partition });
  }

  pass(lines: readonly PassedLine[]): Promise<void> {
    return this.#write({ call: 'pass', lines });
  }

  passed(districtId: string): Promise<readonly PassedLine[]> {
    return this.memory.passed(districtId);
  }

  #write(call: StateCall): Promise<void> {
    const written = this.#last.then(async () => {
      const line = toLine(call);
      await this.journal.append(line, 'synced');
      await make(this.memory, call);
      await this.#keepShort(line);
    });
    this.#last = written.catch(() => undefined); // whoever called is told
    return written;
  }

  async #keepShort(line: string): Promise<void> {
    if (this.#rewrite === undefined && !this.#hasGrown()) return;
    const fresh = await this.#goOnRewriting(line);
    if (fresh === undefined) return;
    const [old, rewrite] = [this.journal, this.#rewrite];
    this.journal = fresh;
    this.#freshBytes = fresh.bytes;
    this.#rewrite = undefined;
    await old.close();
    await rewrite?.settle();
  }

  /** If it fails nobody's call has failed: the journal stays as it is, and is written anew once it has grown further. */
  async #goOnRewriting(line: string): Promise<Journal | undefined> {
    try {
      if (this.#rewrite === undefined) this.#rewrite = await Rewrite.begin(this.path, linesOf(this.memory));
      else await this.#rewrite.add(line);
      return await this.#rewrite.goOn();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      await this.#rewrite?.giveUp();
      this.#rewrite = undefined;
      this.#freshBytes = this.journal.bytes;
      return undefined;
    }
  }

  #hasGrown(): boolean {
    return this.journal.bytes > Math.max(this.rewriteAboveBytes, GROWN * this.#freshBytes);
  }
}

function make(state: MemoryState, call: StateCall): Promise<void> {
  switch (call.call) {
    case 'keep':
      return state.keep(call.entityType, call.partition, call.records, call.fences, call.forgotten ?? []);
    case 'forget':
      return state.forget(call.districtId, call.entityType, call.partition);
    case 'pass':
      return state.pass(call.lines);
  }
}

function* linesOf(memory: MemoryState): Generator<string> {
  for (const call of memory.contents()) yield toLine(call);
}

function toLine(call: StateCall): string {
  return `${JSON.stringify(call, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`;
}

function fromLine(line: string): StateCall {
  const toOffset = (key: string, value: unknown): unknown =>
    key === 'offset' ? BigInt(value as string) : value;
  return JSON.parse(line, toOffset) as StateCall;
}
