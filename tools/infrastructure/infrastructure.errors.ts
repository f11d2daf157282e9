/** Said to a person as it is: the message names what is wrong and what to do about it. */
export class InfrastructureError extends Error {
  override readonly name = 'InfrastructureError';
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
