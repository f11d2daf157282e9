/* The rows of one CSV file as lists of texts, the header first; streamed. */
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { CsvBundleError } from './bundle.errors.js';

const REASONS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'text after a quoted field',
  INVALID_OPENING_QUOTE: 'a quote inside a field that is not quoted',
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'another number of fields than in the header',
  CSV_MAX_RECORD_SIZE: 'a line longer than allowed',
};

/**
 * RFC 4180: quoted fields, doubled quotes, line breaks inside quotes, CRLF or LF, a leading byte order mark. Lines
 * without any value are left out; one with another number of fields than the header ends the reading, because the
 * last line of a file that was cut looks like that. Throws CsvBundleError with the file's name and the line.
 */
export async function* csvRows(
  name: string,
  bytes: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<readonly string[]> {
  const source = Readable.from(utf8Only(name, bytes), { objectMode: false });
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: maxLineBytes,
  });
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    for await (const row of parser as AsyncIterable<string[]>) yield row;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `, line ${error.lines}` : '';
    throw new CsvBundleError(`${name}${line}: ${REASONS[error.code] ?? 'no CSV'}`);
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** Ids read through a wrong encoding could become one another. */
async function* utf8Only(name: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const whole = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = endOfLastWhole(whole);
    if (!isUtf8(whole.subarray(0, end))) throw new CsvBundleError(`${name} is not UTF-8`);
    yield whole.subarray(0, end);
    rest = whole.subarray(end);
  }
  if (rest.length > 0) throw new CsvBundleError(`${name} is not UTF-8`);
}

/** Where the last character begins if its bytes are not all there, else the end. */
function endOfLastWhole(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
