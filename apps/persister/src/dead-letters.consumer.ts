import { Controller } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { BatchHandler } from '#batch-transport';
import {
  decodeDeadLetter,
  encodeDeadLetter,
  MalformedMessageError,
  type DeadLetter,
  type DeadLetterOrigin,
} from '#contracts';
import type { BatchContext, LogBatch } from '#kafka';
import { failpoint, ServiceLog } from '#service';
import { DeadLetterStore } from './roster-store/dead-letter.store.js';
import type { PlacedLetter } from './roster-store/letter-rows.js';

/** Letters per transaction; each brings up to 16 KiB. */
const SLICE = 500;
const NO_CONTENTS = Buffer.alloc(0);

@Controller()
export class DeadLettersConsumer {
  constructor(
    private readonly store: DeadLetterStore,
    private readonly log: ServiceLog,
  ) {}

  @BatchHandler('deadLetters')
  async handle(@Payload() batch: LogBatch, @Ctx() context: BatchContext): Promise<void> {
    const { topic, partition, messages } = batch;
    for (let start = 0; start < messages.length && context.isLive(); start += SLICE) {
      const slice = messages.slice(start, start + SLICE);
      const [first, last] = [slice[0], slice.at(-1)];
      if (first === undefined || last === undefined) return;
      const letters = slice.map(({ offset, value, timestamp }): PlacedLetter => {
        const origin = { kind: 'message', topic, partition, offset: offset.toString() } as const;
        return { offset, letter: readLetter(value ?? NO_CONTENTS, origin, timestamp) };
      });
      failpoint('persister.before-letters-store');
      await this.store.write(letters);
      failpoint('persister.after-letters-store');
      await context.heartbeat();
      await context.commit(last.offset + 1n);
      failpoint('persister.after-letters-commit');
      this.log.info('dead-letters-kept', {
        partition,
        offsets: [first.offset, last.offset],
        letters: letters.length,
      });
    }
  }
}

/** One that cannot be read itself is kept as a letter about its own place. */
function readLetter(value: Buffer, origin: DeadLetterOrigin, timestamp: number): DeadLetter {
  try {
    return decodeDeadLetter(value);
  } catch (error) {
    if (!(error instanceof MalformedMessageError)) throw error;
    const at = new Date(timestamp).toISOString();
    const own = { origin, service: 'persister', reason: error.message, contents: value, at };
    return decodeDeadLetter(encodeDeadLetter(own).value);
  }
}
