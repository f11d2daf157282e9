/* What no port may answer. Each check gives the answer back, or stops the place: nothing is ever guessed from it. */
import type { Entry } from './decode-entries.js';
import { PlaceStoppedError, type Place, type RowsDigest, type Standing } from './ports.js';

const XOR = /^[0-9a-f]{16}$/;

export interface ChangeBatch {
  /** Decoded messages in log order; there may be gaps between their offsets. */
  readonly entries: readonly Entry[];
  /** Offset behind the last message of the partition when the batch was read. */
  readonly end: bigint;
}

export function checkBatch(place: Place, { entries, end }: ChangeBatch): void {
  let next = 0n;
  for (const { offset } of entries) {
    if (offset < next) throw new PlaceStoppedError(place, `offset ${offset} came where ${next} was due`);
    next = offset + 1n;
  }
  if (next > end) throw new PlaceStoppedError(place, `offset ${next - 1n} is not below the log's end ${end}`);
}

export function checkEnds<E extends { start: bigint; end: bigint }>(place: Place, ends: E): E {
  if (ends.start >= 0n && ends.start <= ends.end) return ends;
  throw new PlaceStoppedError(place, `the log cannot start at ${ends.start} and end at ${ends.end}`);
}

export function checkStanding(place: Place, standing: Standing): Standing {
  for (const { epoch, offset } of standing.fences) {
    checkCount(place, epoch, 'the epoch of a stored fence');
    if (offset < 0n) throw new PlaceStoppedError(place, `a stored fence has the offset ${offset}`);
  }
  return standing;
}

export function checkDigest(place: Place, digest: RowsDigest): RowsDigest {
  checkCount(place, digest.active, 'the number of active rows');
  checkCount(place, digest.highestGeneration, 'the highest generation of rows');
  if (!XOR.test(digest.xor)) throw new PlaceStoppedError(place, 'the xor of rows is not 16 hex digits');
  return digest;
}

export function checkCount(
  place: Place,
  count: number,
  what: string,
  most = Number.MAX_SAFE_INTEGER,
): number {
  if (Number.isSafeInteger(count) && count >= 0 && count <= most) return count;
  throw new PlaceStoppedError(place, `${what} cannot be ${count}`);
}
