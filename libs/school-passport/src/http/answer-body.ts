/*
 * The bytes of an answer, unpacked here and not by axios, so that neither what comes nor what it unpacks to can grow
 * beyond the limit, and so that an answer that says nothing more is given up before its whole time is over.
 */
import { Writable, type Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isNativeError } from 'node:util/types';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { SchoolPassportError, type RequestCoordinates } from '../school-passport.errors.js';

/** Not deflate, which servers pack with a header or without. */
export const ACCEPT_ENCODING = 'gzip, br';
/** Codes of zlib's errors, those of brotli last. */
const UNPACKING = /^(Z_[A-Z_]+|ERR__?(ERROR|BROTLI)_\w+)$/;

export interface BodyLimits {
  /** As it comes and unpacked. */
  readonly maxBodyBytes: number;
  /** Longest time without a byte. */
  readonly idleTimeoutMs: number;
}

/** What came cannot be read, though it came: the status and the headers of its answer are good all the same. */
export function isBodyFault(error: unknown): boolean {
  if (!(error instanceof SchoolPassportError)) return isUnpackingFault(error);
  return error.code === 'too-large' || error.code === 'unknown-encoding';
}

/** Throws SchoolPassportError `too-large`, `timeout` or `unknown-encoding`; errors of the streams as they are. */
export async function readBody(
  source: Readable,
  encoding: string | undefined,
  { maxBodyBytes, idleTimeoutMs }: BodyLimits,
  coordinates: RequestCoordinates,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const collector = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      chunks.push(chunk);
      done(bytes > maxBodyBytes ? tooLarge(coordinates) : null);
    },
  });
  const timer = setTimeout(() => source.destroy(stopped(coordinates)), idleTimeoutMs);
  let comeBytes = 0;
  source.on('data', (chunk: Buffer) => {
    comeBytes += chunk.length;
    timer.refresh();
  });
  try {
    const unpacking = unpackerOf(encoding, coordinates);
    await (unpacking === undefined ? pipeline(source, collector) : pipeline(source, unpacking, collector));
  } catch (error) {
    // Nothing was packed, whatever the header says.
    if (comeBytes > 0 || !isUnpackingFault(error)) throw error;
  } finally {
    clearTimeout(timer);
    source.destroy();
  }
  return Buffer.concat(chunks, bytes);
}

function unpackerOf(encoding: string | undefined, coordinates: RequestCoordinates): Transform | undefined {
  switch (encoding?.trim().toLowerCase() ?? '') {
    case '':
    case 'identity':
      return undefined;
    case 'br':
      return createBrotliDecompress();
    case 'gzip':
    case 'x-gzip':
    case 'deflate':
      return createUnzip();
    default:
      throw new SchoolPassportError(
        'unknown-encoding',
        'the answer is packed in an unknown way',
        coordinates,
      );
  }
}

function isUnpackingFault(error: unknown): boolean {
  return isNativeError(error) && 'code' in error && UNPACKING.test(String(error.code));
}

function tooLarge(coordinates: RequestCoordinates): SchoolPassportError {
  return new SchoolPassportError('too-large', 'the answer is larger than allowed', coordinates);
}

function stopped(coordinates: RequestCoordinates): SchoolPassportError {
  return new SchoolPassportError('timeout', 'the answer stopped in the middle', coordinates);
}
