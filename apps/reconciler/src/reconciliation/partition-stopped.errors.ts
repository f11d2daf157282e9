/** The partition cannot go on without an operator: what the outside answers cannot be, and nothing is guessed. */
export class PartitionStoppedError extends Error {
  override readonly name = 'PartitionStoppedError';

  constructor(
    readonly partition: number,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`partition ${partition} stopped: ${reason}`, options);
  }
}

/** What a port answered cannot be. Names the place, never the value. */
export class NonsenseError extends Error {
  override readonly name = 'NonsenseError';
}
