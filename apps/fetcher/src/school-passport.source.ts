import type { EntityType } from '#contracts';
import type { CollectionPart, Discovery, DistrictSource, OneRosterClient } from '#school-passport';
import type { Source } from './ports.js';

export class SchoolPassportSource implements Source {
  constructor(
    private readonly discovery: Discovery,
    private readonly client: OneRosterClient,
    private readonly onPage: (type: EntityType) => void = () => undefined,
  ) {}

  find(districtId: string): Promise<DistrictSource | null> {
    return this.discovery.find(districtId);
  }

  async *pages(
    source: DistrictSource,
    type: EntityType,
    signal: AbortSignal,
  ): AsyncGenerator<CollectionPart> {
    for await (const part of this.client.pages(source, type, signal)) {
      if (part.kind === 'page') this.onPage(type);
      yield part;
    }
  }
}
