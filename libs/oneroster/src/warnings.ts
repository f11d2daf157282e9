/** Why something of a record is not where it belongs, or not there. Never carries a value. */
export interface Warning {
  readonly attribute: string;
  readonly reason: string;
}

/** Said of an attribute of which the deepest part was left out. */
export const TOO_DEEP = 'nested too deeply';
/** Said of a value that holds a whole number beyond 2^53, of which no program knows the last digits any more. */
export const INEXACT = 'a number of too many digits';
/** Of an attribute that the standard requires: the key is not there, holds no value, or a masked one. */
export const MISSING = 'missing';
export const EMPTY = 'empty';
export const MASKED = 'masked';
