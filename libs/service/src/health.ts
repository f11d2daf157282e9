import { Injectable } from '@nestjs/common';

const CHECK_WITHIN_MS = 2_000;

/** What a service needs to be of use (its consumer, its stores), asked one by one when somebody wants to know. */
@Injectable()
export class Health {
  private readonly checks = new Map<string, () => Promise<void> | void>();

  /** `check` throws while the named thing is not ready. */
  register(name: string, check: () => Promise<void> | void): void {
    this.checks.set(name, check);
  }

  /** Names of the checks that threw or took longer than two seconds. */
  async failing(): Promise<readonly string[]> {
    const answers = await Promise.all(
      [...this.checks].map(async ([name, check]) => ((await passes(check)) ? [] : [name])),
    );
    return answers.flat();
  }
}

async function passes(check: () => Promise<void> | void): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, CHECK_WITHIN_MS, false);
  });
  const passed = Promise.resolve()
    .then(check)
    .then(
      () => true,
      () => false,
    );
  const answer = await Promise.race([passed, tooLate]);
  clearTimeout(timer);
  return answer;
}
