import {
  Body,
  ConflictException,
  Controller,
  Get,
  Header,
  Param,
  ParseIntPipe,
  Post,
  Query,
  Redirect,
  UseGuards,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ConsoleLedger } from '#ledger';
import { LedgerClock } from '../ledger.clock.js';
import { AccessGuard } from './access.guard.js';
import { DecisionForm } from './bodies.js';
import { Decisions } from './decisions.js';
import { viewDistrict } from './district-view.js';
import { NOTICES, renderPage } from './page.js';
import { RunRequests } from './run-requests.js';
import { viewRun } from './run-view.js';

const LISTED = 30;
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

type Notice = keyof typeof NOTICES;

/** The page and its forms, which lead back to it. */
@ApiExcludeController()
@UseGuards(AccessGuard)
@Controller()
export class PageController {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly decisions: Decisions,
    private readonly requests: RunRequests,
    private readonly clock: LedgerClock,
  ) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', POLICY)
  @Header('Cache-Control', 'no-store')
  async show(@Query('notice') notice?: string): Promise<string> {
    const [districts, runs] = await Promise.all([
      this.ledger.districts(),
      this.ledger.runs(undefined, LISTED),
    ]);
    const now = this.clock.now();
    const heldRuns = districts.flatMap(({ lastRun }) => (lastRun?.state === 'held' ? [lastRun] : []));
    const held = await Promise.all(heldRuns.map((run) => viewRun(this.ledger, run)));
    return renderPage({
      districts: districts.map((district) => viewDistrict(district, now)),
      runs,
      held: held.filter((run) => run !== null),
      notice: isNotice(notice) ? notice : null,
    });
  }

  @Post('decisions/:districtId/:generation')
  @Redirect('/', 303)
  async decide(
    @Param('districtId') districtId: string,
    @Param('generation', ParseIntPipe) generation: number,
    @Body() { verdict, ...request }: DecisionForm,
  ): Promise<{ url: string }> {
    const run = { districtId, generation };
    return back(async () => {
      await (verdict === 'approval'
        ? this.decisions.approve(run, request)
        : this.decisions.reject(run, request));
      return null;
    }, 'undecidable');
  }

  @Post('asked/:districtId')
  @Redirect('/', 303)
  async ask(@Param('districtId') districtId: string): Promise<{ url: string }> {
    return back(async () => {
      const { outcome } = await this.requests.request(districtId, {});
      return outcome === 'wanted' ? 'wanted' : null;
    }, 'suspended');
  }
}

const isNotice = (text: string | undefined): text is Notice =>
  text !== undefined && Object.hasOwn(NOTICES, text);

/** To the page, with a notice where there is something to tell. */
async function back(deed: () => Promise<Notice | null>, inConflict: Notice): Promise<{ url: string }> {
  const notice = await deed().catch((error: unknown) => {
    if (error instanceof ConflictException) return inConflict;
    throw error;
  });
  return { url: notice === null ? '/' : `/?notice=${notice}` };
}
