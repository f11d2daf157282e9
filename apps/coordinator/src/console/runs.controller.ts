import {
  Body,
  ConflictException,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { ConsoleLedger, SettlementLedger, type RunSummary } from '#ledger';
import { failpoint } from '#service';
import { DecisionJournal } from '../decision-journal.js';
import { LedgerClock } from '../ledger.clock.js';
import { StepRunner } from '../step-runner.js';
import { AccessGuard } from './access.guard.js';
import { RunAnswer, RunDetailAnswer } from './answers.js';
import { DecisionRequest } from './bodies.js';
import { viewRun, type RunView } from './run-view.js';

const LISTED = 50;
const UNDECIDABLE = 'the run is not held, its plan is another one, or its district is suspended';

@ApiTags('runs')
@ApiBearerAuth()
@UseGuards(AccessGuard)
@Controller()
export class RunsController {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly settlement: SettlementLedger,
    private readonly steps: StepRunner,
    private readonly journal: DecisionJournal,
    private readonly clock: LedgerClock,
  ) {}

  @Get('runs')
  @ApiQuery({ name: 'districtId', required: false })
  @ApiOkResponse({ type: [RunAnswer] })
  list(@Query('districtId') districtId?: string): Promise<readonly RunSummary[]> {
    return this.ledger.runs(districtId, LISTED);
  }

  @Get('districts/:districtId/runs/:generation')
  @ApiOkResponse({ type: RunDetailAnswer })
  @ApiNotFoundResponse()
  async find(
    @Param('districtId') districtId: string,
    @Param('generation', ParseIntPipe) generation: number,
  ): Promise<RunView> {
    const run = await viewRun(this.ledger, { districtId, generation });
    if (run === null) throw new NotFoundException('there is no such run');
    return run;
  }

  /** Applies exactly this plan. */
  @Post('districts/:districtId/runs/:generation/approval')
  @HttpCode(200)
  @ApiOkResponse({ type: RunDetailAnswer })
  @ApiConflictResponse({ description: UNDECIDABLE })
  async approve(
    @Param('districtId') districtId: string,
    @Param('generation', ParseIntPipe) generation: number,
    @Body() { digest, who, why }: DecisionRequest,
  ): Promise<RunView> {
    failpoint('coordinator.before-approved');
    const run = { districtId, generation };
    const isApproved = await this.settlement.approve(run, digest, who, why, this.clock.now());
    return this.decided('approved', isApproved, districtId, generation);
  }

  @Post('districts/:districtId/runs/:generation/rejection')
  @HttpCode(200)
  @ApiOkResponse({ type: RunDetailAnswer })
  @ApiConflictResponse({ description: UNDECIDABLE })
  async reject(
    @Param('districtId') districtId: string,
    @Param('generation', ParseIntPipe) generation: number,
    @Body() { digest, who, why }: DecisionRequest,
  ): Promise<RunView> {
    failpoint('coordinator.before-rejected');
    const run = { districtId, generation };
    const isRejected = await this.settlement.reject(run, digest, who, why, this.clock.now());
    return this.decided('rejected', isRejected, districtId, generation);
  }

  private async decided(
    verdict: 'approved' | 'rejected',
    isDecided: boolean,
    districtId: string,
    generation: number,
  ): Promise<RunView> {
    const run = await this.find(districtId, generation);
    if (!isDecided) throw new ConflictException(UNDECIDABLE);
    failpoint(`coordinator.after-${verdict}`);
    this.journal.decided(verdict, run, { digest: run.digest });
    this.steps.poke();
    return run;
  }
}
