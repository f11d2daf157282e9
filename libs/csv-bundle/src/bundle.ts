/* A bundle's files by name, whether they lie in a folder or in a zip file. Nothing of a bundle is written anywhere. */
export interface BundleLimits {
  /** Bytes of one file, unpacked. */
  readonly maxFileBytes: number;
  /** Unpacked to packed, of files above a megabyte: no roster packs better than this. */
  readonly maxRatio: number;
  readonly maxEntries: number;
  /** Bytes of one line; a quote that is never closed makes one of the rest of the file. */
  readonly maxLineBytes: number;
}

export const DEFAULT_LIMITS: BundleLimits = {
  maxFileBytes: 16 * 1024 * 1024 * 1024,
  maxRatio: 250,
  maxEntries: 1000,
  maxLineBytes: 4 * 1024 * 1024,
};

export interface Bundle {
  /** Names are compared in lower case. */
  has(name: string): boolean;
  /** Bytes of a file, unpacked; 0 if it is not there. Throws CsvBundleError. */
  size(name: string): Promise<number>;
  /** Throws CsvBundleError. */
  read(name: string): AsyncGenerator<Buffer>;
  close(): Promise<void>;
}

export function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return /^[A-Z_]{2,40}$/.test(code) ? code : 'no code';
}
