/* A file of lines that is only ever appended to. What a failed append left of its line is cut off before the next one. */
import { constants, open, type FileHandle } from 'node:fs/promises';

const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
const NEW_LINE = 0x0a;

export class Journal {
  #bytes = 0;
  #isTorn = false;

  private constructor(private readonly file: FileHandle) {}

  /** Empty, whatever was there. */
  static async create(path: string): Promise<Journal> {
    return new Journal(await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND));
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One at a time; `line` has its new line at its end. What this resolves for outlives the process, synced the machine. */
  async append(line: string, how: 'synced' | 'unsynced'): Promise<void> {
    if (this.#isTorn) await this.file.truncate(this.#bytes);
    this.#isTorn = true;
    await this.file.appendFile(line);
    if (how === 'synced') await this.sync();
    this.#bytes += Buffer.byteLength(line);
    this.#isTorn = false;
  }

  sync(): Promise<void> {
    return this.file.datasync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** The lines of a file, without their ends; a last one that was not written whole is left out. None if there is no file. */
export async function* wholeLines(path: string): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const chunk of chunksOf(path)) {
    let from = 0;
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, from)) {
      yield Buffer.concat([...begun, chunk.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
    }
    if (from < chunk.length) begun.push(chunk.subarray(from));
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  let file: FileHandle;
  try {
    file = await open(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  for await (const chunk of file.createReadStream()) yield chunk as Buffer;
}
