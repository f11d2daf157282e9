/** A bundle that cannot be read, or not be believed: names the file and the line, never what is in it. */
export class CsvBundleError extends Error {
  override readonly name = 'CsvBundleError';
}
