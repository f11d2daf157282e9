import { Controller, Get, Header, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ConsoleLedger } from '#ledger';
import { AccessGuard } from './access.guard.js';
import { renderPage } from './page.js';
import { viewRun } from './run-view.js';

const LISTED = 30;

@ApiExcludeController()
@UseGuards(AccessGuard)
@Controller()
export class PageController {
  constructor(private readonly ledger: ConsoleLedger) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  @Header('Cache-Control', 'no-store')
  async show(): Promise<string> {
    const [districts, runs] = await Promise.all([
      this.ledger.districts(),
      this.ledger.runs(undefined, LISTED),
    ]);
    const heldRuns = districts.flatMap(({ lastRun }) => (lastRun?.state === 'held' ? [lastRun] : []));
    const held = await Promise.all(heldRuns.map((run) => viewRun(this.ledger, run)));
    return renderPage(
      districts,
      runs,
      held.filter((run) => run !== null),
    );
  }
}
