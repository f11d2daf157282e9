/*
 * Runs the step loop: at every poke, and at least every COORDINATOR_STEP_MS; while steps move something, without a
 * pause. What passes by itself (a store that is away) is tried again at the next tick and shows in the health; any
 * other error ends the service.
 */
import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { isTransientLedgerError, LedgerViews } from '#ledger';
import { isLogError } from '#kafka';
import { Health, ServiceLog } from '#service';
import { CoordinatorConfig } from './coordinator.config.js';
import { StepLoop } from './settlement/step-loop.js';
import { StepOwner } from './step-owner.js';

const MAX_STEPS_IN_A_ROW = 100;

@Injectable()
export class StepRunner implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private wake: () => void = () => undefined;
  private isPoked = false;
  private isStopped = false;
  private running: Promise<void> = Promise.resolve();
  private lastFailure: string | null = null;

  constructor(
    private readonly loop: StepLoop,
    private readonly views: LedgerViews,
    private readonly owner: StepOwner,
    private readonly config: CoordinatorConfig,
    private readonly log: ServiceLog,
    health: Health,
  ) {
    health.register('steps', () => {
      if (this.lastFailure !== null) throw new Error(this.lastFailure);
    });
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
    if (this.lastFailure === null) await this.views.releaseLease(this.owner.name);
  }

  poke(): void {
    this.isPoked = true;
    this.wake();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      this.isPoked = false;
      await this.stepAll();
      await this.pause();
    }
  }

  private async stepAll(): Promise<void> {
    try {
      for (let n = 0; n < MAX_STEPS_IN_A_ROW && !this.isStopped; n += 1) {
        if (!(await this.loop.step())) break;
      }
      this.lastFailure = null;
    } catch (error) {
      if (!isTransientLedgerError(error) && !isLogError(error)) throw error;
      this.lastFailure = 'the last step failed';
      this.log.warn('step-failed', { error });
    }
  }

  private async pause(): Promise<void> {
    if (this.isPoked || this.isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.config.COORDINATOR_STEP_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
