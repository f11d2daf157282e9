import { type createClient, RESP_TYPES } from 'redis';
import type { Position } from '../reconciliation/index-state.js';
import type { Script } from './scripts/script.js';

export type Client = ReturnType<typeof createClient>;
export type Operand = string | Buffer;

/**
 * Runs a script by its SHA-1, and by its source where the server forgot it. Bulk replies are bytes. The command is laid
 * out here: the client's own calls hand the operands on as arguments of a function, and beyond some 60,000 of them, as
 * an epoch of two thousand districts has, the stack is too small.
 */
export async function evaluate(
  client: Client,
  script: Script,
  keys: readonly string[],
  operands: readonly Operand[],
): Promise<unknown> {
  const inBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  const call = (command: string, of: string): Promise<unknown> =>
    inBytes.sendCommand([command, of, String(keys.length), ...keys, ...operands]);
  try {
    return await call('EVALSHA', script.sha);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await call('EVAL', script.source);
  }
}

/** What a compare-and-set compares and sets; the fence is of the epoch, and stays. */
export function toOperands(position: Position): Operand[] {
  return [String(position.epoch), position.mode, String(position.next), position.applyNext];
}
