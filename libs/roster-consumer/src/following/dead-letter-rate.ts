/* How many of a partition's last messages became dead letters. Beyond the limit the partition stops: nothing drains. */
import type { DeadLetterLimit, Place } from './ports.js';
import { TooManyDeadLettersError } from './ports.js';

const WINDOW_MESSAGES = 1_000;

interface Counted {
  readonly messages: number;
  readonly dead: number;
}

export class DeadLetterRate {
  #steps: Counted[] = [];

  constructor(
    private readonly place: Place,
    private readonly limit: DeadLetterLimit | undefined,
  ) {}

  /** Throws if, with the messages of this step, dead letters were too many. */
  check(messages: number, unusable: readonly { readonly reason: string }[]): void {
    const last = unusable.at(-1);
    if (this.limit === undefined || last === undefined) return;
    const { ratio, floor } = this.limit;
    const counted = totalOf([...this.#steps, { messages, dead: unusable.length }]);
    if (counted.dead <= floor || counted.dead <= ratio * counted.messages) return;
    throw new TooManyDeadLettersError(this.place, counted.dead, counted.messages, last.reason);
  }

  /** A step is done. */
  note(messages: number, dead: number): void {
    const steps = [...this.#steps, { messages, dead }];
    let over = totalOf(steps).messages - WINDOW_MESSAGES;
    while (steps[0] !== undefined && steps[0].messages <= over) over -= steps.shift()?.messages ?? 0;
    this.#steps = steps;
  }
}

function totalOf(steps: readonly Counted[]): Counted {
  return steps.reduce(
    (sum, step) => ({ messages: sum.messages + step.messages, dead: sum.dead + step.dead }),
    {
      messages: 0,
      dead: 0,
    },
  );
}
