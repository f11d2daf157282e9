import { describe, expect, it } from '@jest/globals';
import { RetryBudget } from './retry-budget.js';

function taken(budget: RetryBudget): number {
  let count = 0;
  while (budget.take()) count += 1;
  return count;
}

describe('the retries of a credential', () => {
  it('are so many, whichever request takes them', () => {
    expect(taken(new RetryBudget(3, () => 0))).toBe(3);
  });

  it('come back with every tenth answer, never above what they were', () => {
    const budget = new RetryBudget(3, () => 0);
    taken(budget);
    for (let answers = 0; answers < 21; answers += 1) budget.answered();
    expect(taken(budget)).toBe(2);
    for (let answers = 0; answers < 1000; answers += 1) budget.answered();
    expect(taken(budget)).toBe(3);
  });

  it('come back with time, so that a later pull has some', () => {
    let now = 0;
    const budget = new RetryBudget(3, () => now);
    taken(budget);
    now = 25_000;
    expect(taken(budget)).toBe(2);
  });
});
