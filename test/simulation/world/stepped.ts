import type { Actor, Scheduler } from './scheduler.js';
import type { Random } from './random.js';

const SECOND_STEP_ONE_IN = 4;
/** Methods that give their answer in parts. */
const GENERATORS: ReadonlySet<PropertyKey> = new Set(['unseen']);

/**
 * The same port, but each call waits for its turn before it takes effect and sometimes before its answer is seen: a
 * crash in the second wait is an effect nobody knows of. The port itself does a call in one instant.
 */
export function stepped<P extends object>(port: P, scheduler: Scheduler, actor: Actor, random: Random): P {
  const cache = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get(target, name) {
      const cached = cache.get(name);
      if (cached !== undefined) return cached;
      const method = Reflect.get(target, name, target) as unknown;
      if (typeof method !== 'function') return method;
      const call = (method as (...values: unknown[]) => unknown).bind(target);
      const wrapped = GENERATORS.has(name)
        ? generator(call as (...values: unknown[]) => AsyncIterable<unknown>, scheduler, actor)
        : async (...values: unknown[]): Promise<unknown> => {
            await scheduler.step(actor);
            const answer = await call(...values);
            if (random.oneIn(SECOND_STEP_ONE_IN)) await scheduler.step(actor);
            return answer;
          };
      cache.set(name, wrapped);
      return wrapped;
    },
  });
}

function generator(
  call: (...values: unknown[]) => AsyncIterable<unknown>,
  scheduler: Scheduler,
  actor: Actor,
): (...values: unknown[]) => AsyncIterable<unknown> {
  return async function* (...values) {
    await scheduler.step(actor);
    for await (const part of call(...values)) {
      yield part;
      await scheduler.step(actor);
    }
  };
}

/** The same port, but for these methods. */
export function overridden<P extends object>(port: P, methods: Partial<P>): P {
  return new Proxy(port, {
    get(target, name) {
      const own = Reflect.get(methods, name) as unknown;
      if (own !== undefined) return own;
      const method = Reflect.get(target, name, target) as unknown;
      return typeof method === 'function' ? (method.bind(target) as unknown) : method;
    },
  });
}
