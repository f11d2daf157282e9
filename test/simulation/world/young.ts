/**
 * For a function that an object is given. Written straight into the object it would be made in V8's old space, and what
 * it can reach, which is a whole schedule, would not be collected with the young.
 */
export function young<F extends (...values: never[]) => unknown>(made: F): F {
  return made;
}
