import {
  Body,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
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
import { ConsoleLedger, type RunSummary } from '#ledger';
import { AccessGuard } from './access.guard.js';
import { RunAnswer, RunDetailAnswer } from './answers.js';
import { DecisionRequest } from './bodies.js';
import { Decisions, UNDECIDABLE } from './decisions.js';
import { GenerationPipe } from './pipes.js';
import { viewRun, type RunView } from './run-view.js';

const LISTED = 50;

@ApiTags('runs')
@ApiBearerAuth()
@UseGuards(AccessGuard)
@Controller()
export class RunsController {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly decisions: Decisions,
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
    @Param('generation', GenerationPipe) generation: number,
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
    @Param('generation', GenerationPipe) generation: number,
    @Body() body: DecisionRequest,
  ): Promise<RunView> {
    return this.decisions.approve({ districtId, generation }, body);
  }

  @Post('districts/:districtId/runs/:generation/rejection')
  @HttpCode(200)
  @ApiOkResponse({ type: RunDetailAnswer })
  @ApiConflictResponse({ description: UNDECIDABLE })
  async reject(
    @Param('districtId') districtId: string,
    @Param('generation', GenerationPipe) generation: number,
    @Body() body: DecisionRequest,
  ): Promise<RunView> {
    return this.decisions.reject({ districtId, generation }, body);
  }
}
