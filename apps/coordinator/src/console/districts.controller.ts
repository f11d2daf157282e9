import {
  BadGatewayException,
  Body,
  Controller,
  Get,
  HttpCode,
  NotFoundException,
  Param,
  Post,
  Put,
  UnprocessableEntityException,
  UseGuards,
} from '@nestjs/common';
import {
  ApiBadGatewayResponse,
  ApiBearerAuth,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiTags,
  ApiUnprocessableEntityResponse,
} from '@nestjs/swagger';
import { ConsoleLedger } from '#ledger';
import { SchoolPassportError } from '#school-passport';
import { LedgerClock } from '../ledger.clock.js';
import { DistrictSchedule, isSourceError } from '../schedule/district.schedule.js';
import { AccessGuard } from './access.guard.js';
import { DistrictAnswer, RequestedRunAnswer } from './answers.js';
import { RunRequest, SettingsRequest } from './bodies.js';
import { viewDistrict, type DistrictView } from './district-view.js';
import { RunRequests, type RequestedRun } from './run-requests.js';
import { SettingsRequests } from './settings-requests.js';

@ApiTags('districts')
@ApiBearerAuth()
@UseGuards(AccessGuard)
@Controller()
export class DistrictsController {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly requests: RunRequests,
    private readonly settings: SettingsRequests,
    private readonly schedule: DistrictSchedule,
    private readonly clock: LedgerClock,
  ) {}

  @Get('districts')
  @ApiOkResponse({ type: [DistrictAnswer] })
  async list(): Promise<readonly DistrictView[]> {
    const now = this.clock.now();
    return (await this.ledger.districts()).map((district) => viewDistrict(district, now));
  }

  @Get('districts/:districtId')
  @ApiOkResponse({ type: DistrictAnswer })
  @ApiNotFoundResponse()
  async find(@Param('districtId') districtId: string): Promise<DistrictView> {
    const [district] = await this.ledger.districts(districtId);
    if (district === undefined) throw new NotFoundException('there is no such district');
    return viewDistrict(district, this.clock.now());
  }

  /** Takes up a run that is under way; supersedes an undecided held one. */
  @Post('districts/:districtId/runs')
  @HttpCode(200)
  @ApiOkResponse({ type: RequestedRunAnswer })
  @ApiConflictResponse({ description: 'the district is suspended' })
  requestRun(@Param('districtId') districtId: string, @Body() body: RunRequest): Promise<RequestedRun> {
    return this.requests.request(districtId, body);
  }

  @Put('districts/:districtId/settings')
  @ApiOkResponse({ type: DistrictAnswer })
  async configure(
    @Param('districtId') districtId: string,
    @Body() settings: SettingsRequest,
  ): Promise<DistrictView> {
    await this.settings.put(districtId, settings);
    return this.find(districtId);
  }

  /** Reads Discovery now. */
  @Post('discovery')
  @HttpCode(200)
  @ApiOkResponse({ type: [DistrictAnswer] })
  @ApiBadGatewayResponse({ description: 'Discovery could not be read' })
  @ApiUnprocessableEntityResponse({ description: 'nor will it be with these settings' })
  async readDiscovery(): Promise<readonly DistrictView[]> {
    try {
      await this.schedule.read();
    } catch (error) {
      if (!(error instanceof Error) || !isSourceError(error)) throw error;
      const isFinal = !(error instanceof SchoolPassportError) || error.isPermanent;
      const Refusal = isFinal ? UnprocessableEntityException : BadGatewayException;
      throw new Refusal(error.message, { cause: error });
    }
    return this.list();
  }
}
