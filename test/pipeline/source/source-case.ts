/* What befalls the source during one run, and what must come of that run. */
import type { Fault, SandboxClient } from '../support/sandbox.client.js';

export type Outcome =
  /** The run itself goes through, with the fault still on. */
  | { readonly is: 'completed' }
  /** A pull is thrown away and the next one goes through, with nobody's hand in between. */
  | { readonly is: 'pulled again' }
  /** It is aborted, and nothing is changed. */
  | { readonly is: 'aborted'; readonly why: RegExp }
  /** It is held, and nothing archived. */
  | { readonly is: 'held'; readonly rule: string };

export interface SourceCase {
  /** A sentence, and no other case's. */
  readonly name: string;
  readonly faults?: readonly Omit<Fault, 'districtId'>[];
  /** Made when the fault is switched on, where its parameters depend on the time. */
  readonly lateFault?: () => Omit<Fault, 'districtId'>;
  /** Records that are odd in themselves; they stay. */
  readonly edits?: (sandbox: SandboxClient, districtId: string) => Promise<readonly object[]>;
  /** What besides the fault's end it takes until a run goes through again. */
  readonly mends?: (sandbox: SandboxClient, districtId: string) => Promise<unknown>;
  readonly outcome: Outcome;
}

export const completed: Outcome = { is: 'completed' };
export const pulledAgain: Outcome = { is: 'pulled again' };
export const aborted = (why: RegExp): Outcome => ({ is: 'aborted', why });
export const held = (rule: string): Outcome => ({ is: 'held', rule });
