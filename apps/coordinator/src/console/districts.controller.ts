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
import { ConsoleLedger, DistrictLedger, type DistrictSummary } from '#ledger';
import { SchoolPassportError } from '#school-passport';
import { DistrictSchedule, isSourceError } from '../schedule/district.schedule.js';
import { AccessGuard } from './access.guard.js';
import { DistrictAnswer, RequestedRunAnswer } from './answers.js';
import { RunRequest, SettingsRequest } from './bodies.js';
import { RunRequests, type RequestedRun } from './run-requests.js';

@ApiTags('districts')
@ApiBearerAuth()
@UseGuards(AccessGuard)
@Controller()
export class DistrictsController {
  constructor(
    private readonly ledger: ConsoleLedger,
    private readonly districts: DistrictLedger,
    private readonly requests: RunRequests,
    private readonly schedule: DistrictSchedule,
  ) {}

  @Get('districts')
  @ApiOkResponse({ type: [DistrictAnswer] })
  list(): Promise<readonly DistrictSummary[]> {
    return this.ledger.districts();
  }

  @Get('districts/:districtId')
  @ApiOkResponse({ type: DistrictAnswer })
  @ApiNotFoundResponse()
  async find(@Param('districtId') districtId: string): Promise<DistrictSummary> {
    const [district] = await this.ledger.districts(districtId);
    if (district === undefined) throw new NotFoundException('there is no such district');
    return district;
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
  ): Promise<DistrictSummary> {
    await this.districts.configure(districtId, settings);
    return this.find(districtId);
  }

  /** Reads Discovery now. */
  @Post('discovery')
  @HttpCode(200)
  @ApiOkResponse({ type: [DistrictAnswer] })
  @ApiBadGatewayResponse({ description: 'Discovery could not be read' })
  @ApiUnprocessableEntityResponse({ description: 'nor will it be with these settings' })
  async readDiscovery(): Promise<readonly DistrictSummary[]> {
    try {
      await this.schedule.read();
    } catch (error) {
      if (!(error instanceof Error) || !isSourceError(error)) throw error;
      const isFinal = !(error instanceof SchoolPassportError) || error.isPermanent;
      const Refusal = isFinal ? UnprocessableEntityException : BadGatewayException;
      throw new Refusal(error.message, { cause: error });
    }
    return this.ledger.districts();
  }
}
