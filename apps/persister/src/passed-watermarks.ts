import { Injectable } from '@nestjs/common';
import type { DeadLetterFields } from '#contracts';
import { KafkaOutlet } from './kafka-outlet.publisher.js';
import type { CopyReport, Outlet, PassedWatermark } from '#roster-consumer';
import { WatermarkStore } from './roster-store/watermark.store.js';

/** Keeps a watermark beside the rows before it is reported as passed: whoever hears of it finds it there. */
@Injectable()
export class PassedWatermarks implements Outlet {
  constructor(
    private readonly watermarks: WatermarkStore,
    private readonly outlet: KafkaOutlet,
  ) {}

  async report(reports: readonly CopyReport[], passed: readonly PassedWatermark[]): Promise<void> {
    if (passed.length > 0) await this.watermarks.pass(passed);
    await this.outlet.report(reports);
  }

  deadLetter(letters: readonly DeadLetterFields[]): Promise<void> {
    return this.outlet.deadLetter(letters);
  }
}
