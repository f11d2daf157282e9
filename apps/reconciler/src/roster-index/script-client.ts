import { type createClient, RESP_TYPES } from 'redis';
import type { Position } from '../reconciliation/index-state.js';
import type { Script } from './scripts/script.js';

export type Client = ReturnType<typeof createClient>;
export type Operand = string | Buffer;

/** Runs a script by its SHA-1, and by its source where the server forgot it. Bulk replies are bytes. */
export async function evaluate(
  client: Client,
  script: Script,
  keys: string[],
  operands: Operand[],
): Promise<unknown> {
  const inBytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  try {
    return await inBytes.evalSha(script.sha, { keys, arguments: operands });
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await inBytes.eval(script.source, { keys, arguments: operands });
  }
}

/** What a compare-and-set compares and sets; the fence is of the epoch, and stays. */
export function toOperands(position: Position): Operand[] {
  return [String(position.epoch), position.mode, String(position.next), position.applyNext];
}
