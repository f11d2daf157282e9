/*
 * A state that outlives its process, for one process: a journal of what was kept, one line of JSON a call, in order. It
 * is read into memory when opened and then written anew without what was overtaken. A last line that was not written
 * whole never happened.
 */
import { open, readFile, rename, type FileHandle } from 'node:fs/promises';
import type { EntityType } from '#contracts';
import type { FenceAt, RowsDigest, Standing } from '../following/ports.js';
import type { PassedLine } from '../progress/progress.js';
import { MemoryState } from './memory.state.js';
import type { ConsumerState, KeptRecord, RecordKey, StateCall } from './state.js';

export class FileState implements ConsumerState {
  private constructor(
    private readonly memory: MemoryState,
    private readonly journal: FileHandle,
  ) {}

  static async open(path: string): Promise<FileState> {
    const memory = new MemoryState();
    for (const line of wholeLines(await textOf(path))) await make(memory, fromLine(line));
    const fresh = await open(`${path}.new`, 'w');
    for (const call of memory.contents()) await fresh.write(toLine(call));
    await fresh.datasync();
    await fresh.close();
    await rename(`${path}.new`, path);
    return new FileState(memory, await open(path, 'a'));
  }

  close(): Promise<void> {
    return this.journal.close();
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

  async #write(call: StateCall): Promise<void> {
    await this.journal.appendFile(toLine(call));
    await this.journal.datasync();
    await make(this.memory, call);
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

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function wholeLines(text: string): readonly string[] {
  return text.split('\n').slice(0, -1);
}

function toLine(call: StateCall): string {
  return `${JSON.stringify(call, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))}\n`;
}

function fromLine(line: string): StateCall {
  const toOffset = (key: string, value: unknown): unknown =>
    key === 'offset' ? BigInt(value as string) : value;
  return JSON.parse(line, toOffset) as StateCall;
}
