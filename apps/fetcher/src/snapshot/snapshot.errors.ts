import type { ReadRetry } from '#ledger';

/** The lease or the run is somebody else's now: nothing more may be published, nor the failure noted. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** A snapshot that cannot be read; the message is the reason kept in the ledger. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';

  constructor(
    message: string,
    /** What is to follow; `none` where no later pull goes better with nothing changed by hand. */
    readonly retry: ReadRetry,
  ) {
    super(message);
  }
}
