import { types } from 'node:util';

const CODES = /^(08|25P03$|53|57P0|40001$|40P01$|ECONN|EPIPE$|ETIMEDOUT$|ENOTFOUND$|EAI_AGAIN$|ENOENT$)/;
const WITHOUT_CODE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout$)/;

/** An error of Postgres that passes by itself: it is away, restarts, or asks for the transaction again. */
export function isTransientLedgerError(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.every(isTransientLedgerError);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CODES.test(code) || WITHOUT_CODE.test(error.message);
}

/** Nothing came within the statement's time, so that its connection may be a dead one. */
export function isUnanswered(error: unknown): error is Error {
  return types.isNativeError(error) && error.message === 'Query read timeout';
}
