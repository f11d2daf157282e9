import { ValidateIf } from 'class-validator';

/** A property that may be left out. Wherever it is given, null included, its other decorators judge it. */
export function IfGiven(): PropertyDecorator {
  return ValidateIf((_, value: unknown) => value !== undefined);
}
