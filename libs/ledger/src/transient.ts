import { types } from 'node:util';

const CODES = /^(08|53|57P0|40001$|40P01$|ECONN|EPIPE$|ETIMEDOUT$|ENOTFOUND$|EAI_AGAIN$|ENOENT$)/;
const WITHOUT_CODE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered)/;

/** An error of Postgres that passes by itself: it is away, restarts, or asks for the transaction again. */
export function isTransientLedgerError(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.every(isTransientLedgerError);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CODES.test(code) || WITHOUT_CODE.test(error.message);
}
