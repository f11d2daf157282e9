import type { Actor, Scheduler } from './scheduler.js';
import type { Random } from './random.js';

type Method = (...values: unknown[]) => unknown;

const SECOND_STEP_ONE_IN = 4;
/** Methods that give their answer in parts. */
const GENERATORS: ReadonlySet<string> = new Set(['unseen']);

/**
 * The same port, but each call waits for its turn before it takes effect and sometimes before its answer is seen: a
 * crash in the second wait is an effect nobody knows of. The port itself does a call in one instant.
 */
export function stepped<P extends object>(
  port: P,
  scheduler: Scheduler,
  actor: Actor,
  random: Random,
  before: (name: string) => void = () => undefined,
): P {
  const methods: Record<string, Method> = {};
  for (const [name, call] of Object.entries(methodsOf(port))) {
    methods[name] = GENERATORS.has(name)
      ? inParts(call as (...values: unknown[]) => AsyncIterable<unknown>, scheduler, actor)
      : async (...values) => {
          before(name);
          await scheduler.step(actor);
          const answer = await call(...values);
          if (random.oneIn(SECOND_STEP_ONE_IN)) await scheduler.step(actor);
          return answer;
        };
  }
  return methods as P;
}

function inParts(
  call: (...values: unknown[]) => AsyncIterable<unknown>,
  scheduler: Scheduler,
  actor: Actor,
): (...values: unknown[]) => AsyncIterable<unknown> {
  return (...values) => partsOf(call(...values), scheduler, actor);
}

async function* partsOf(
  parts: AsyncIterable<unknown>,
  scheduler: Scheduler,
  actor: Actor,
): AsyncIterable<unknown> {
  await scheduler.step(actor);
  for await (const part of parts) {
    yield part;
    await scheduler.step(actor);
  }
}

/** The same port, but for these methods. */
export function overridden<P extends object>(port: P, methods: Partial<P>): P {
  return { ...methodsOf(port), ...methods } as P;
}

/** Every method of a port, its own and inherited ones, bound to it. */
function methodsOf(port: object): Record<string, Method> {
  const methods: Record<string, Method> = {};
  for (const name of namesOf(port)) {
    const method = Reflect.get(port, name) as unknown;
    if (typeof method === 'function') methods[name] = method.bind(port) as Method;
  }
  return methods;
}

const namesOfClasses = new WeakMap<object, readonly string[]>();

/** Of everything an object has, and what its classes give it; of these the answer is kept. */
function namesOf(port: object): ReadonlySet<string> {
  const names = new Set(Object.getOwnPropertyNames(port));
  for (let at = above(port); at !== Object.prototype; at = above(at)) {
    let own = namesOfClasses.get(at);
    if (own === undefined) {
      own = Object.getOwnPropertyNames(at).filter((name) => name !== 'constructor');
      namesOfClasses.set(at, own);
    }
    for (const name of own) names.add(name);
  }
  return names;
}

const above = (object: object): object => Object.getPrototypeOf(object) as object;
