/** The sandbox's control interface: the truth as shared, ways to change it, and faults. */
import type { EntityType } from '#contracts';

export interface PlainRecord {
  readonly sourcedId: string;
  readonly status: 'active' | 'tobedeleted';
  readonly [attribute: string]: unknown;
}

export interface SandboxDistrict {
  readonly districtId: string;
  readonly name: string;
  readonly totals: Readonly<Record<EntityType, number>>;
}

export interface Fault {
  readonly kind: string;
  readonly districtId?: string;
  readonly entityType?: EntityType;
  readonly [parameter: string]: unknown;
}

/** Credentials for Discovery. */
export interface Partner {
  readonly clientId: string;
  readonly clientSecret: string;
}

export class SandboxClient {
  constructor(private readonly url: string) {}

  districts(): Promise<readonly SandboxDistrict[]> {
    return this.ask('GET', 'districts');
  }

  /** What is shared and not withdrawn. */
  async shared(districtId: string, type: EntityType): Promise<readonly PlainRecord[]> {
    const records: PlainRecord[] = [];
    for (;;) {
      const page = await this.ask<{ total: number; records: PlainRecord[] }>(
        'GET',
        `districts/${districtId}/records/${type}?offset=${records.length}&limit=50000`,
      );
      records.push(...page.records);
      if (records.length >= page.total) return records.filter(({ status }) => status === 'active');
    }
  }

  /** What was shared once and is not now, or is withdrawn. */
  async notShared(districtId: string, type: EntityType): Promise<readonly { readonly sourcedId: string }[]> {
    const path = `districts/${districtId}/records/${type}?shared=false`;
    return (await this.ask<{ records: { sourcedId: string }[] }>('GET', path)).records;
  }

  edit(districtId: string, edits: readonly object[]): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/edits`, edits);
  }

  change(districtId: string, percent: number): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/change`, { percent });
  }

  school(districtId: string, sourcedId: string, verb: 'unshare' | 'reshare'): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/schools/${encodeURIComponent(sourcedId)}/${verb}`, {});
  }

  standing(
    districtId: string,
    standing: 'connected' | 'suspended' | 'expired' | 'removed',
  ): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/standing`, { standing });
  }

  moveStamp(districtId: string): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/stamp`);
  }

  rotateCredentials(districtId: string): Promise<unknown> {
    return this.ask('POST', `districts/${districtId}/credentials/rotate`);
  }

  /** Every client secret that Discovery shows, and the partner's. */
  async secrets({ clientId, clientSecret }: Partner): Promise<readonly { name: string; text: string }[]> {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    const body = new URLSearchParams({ grant_type: 'client_credentials' });
    const given = await fetch(`${this.url}/datahub/oauth/token`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    const { access_token: token } = (await given.json()) as { access_token: string };
    const listed = await fetch(`${this.url}/datahub/services/vendor/onboarding/credentials`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const entries = (await listed.json()) as readonly { clientSecret: string; districtGuid: string }[];
    return [
      { name: 'the secret of the partner', text: clientSecret },
      ...entries.map((entry) => ({ name: `the secret of ${entry.districtGuid}`, text: entry.clientSecret })),
    ];
  }

  fault(fault: Fault): Promise<unknown> {
    return this.ask('POST', 'faults', fault);
  }

  async faultHits(): Promise<number> {
    const faults = await this.ask<readonly { hits: number }[]>('GET', 'faults');
    return faults.reduce((sum, { hits }) => sum + hits, 0);
  }

  /** Of each fault that is on for a district, how many answers it fell on. */
  async hitsOf(districtId: string): Promise<readonly number[]> {
    const faults = await this.ask<readonly { hits: number; districtId?: string }[]>('GET', 'faults');
    return faults.filter((fault) => fault.districtId === districtId).map(({ hits }) => hits);
  }

  noFaults(districtId?: string): Promise<unknown> {
    return this.ask('DELETE', districtId === undefined ? 'faults' : `faults?districtId=${districtId}`);
  }

  private async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the sandbox answered ${method} ${path} with ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
