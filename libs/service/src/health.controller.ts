import { Controller, Get, Res } from '@nestjs/common';
import { Health } from './health.js';
import { Metrics } from './metrics.js';

interface Reply {
  status(code: number): Reply;
  type(contentType: string): Reply;
  json(body: unknown): void;
  send(body: string): void;
}

@Controller()
export class HealthController {
  constructor(
    private readonly health: Health,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('health/ready')
  async ready(@Res() reply: Reply): Promise<void> {
    const failing = await this.health.failing();
    if (failing.length === 0) reply.status(200).json({ status: 'ready' });
    else reply.status(503).json({ status: 'not-ready', failing });
  }

  @Get('metrics')
  async text(@Res() reply: Reply): Promise<void> {
    reply.type(this.metrics.contentType).send(await this.metrics.text());
  }
}
