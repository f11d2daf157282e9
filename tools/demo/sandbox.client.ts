/** The sandbox's control interface: what it shares, and changing that. */
import { ENTITY_TYPES, type EntityType } from '#contracts';

const RECORDS_AT_ONCE = 50_000;

export type TrueRecord = Readonly<Record<string, unknown>> & { readonly sourcedId: string };

/** Ids per type: shared now, and no longer shared. */
export type Truth = Readonly<
  Record<EntityType, { readonly shared: readonly string[]; readonly gone: readonly string[] }>
>;

export class Sandbox {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async control<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.#url}/control/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`the sandbox answered ${method} /control/${path} with ${answer.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }

  /** The first district's id. */
  async districtId(): Promise<string> {
    const districts = await this.control<{ districtId: string }[]>('GET', 'districts');
    const first = districts[0];
    if (first === undefined) throw new Error('the sandbox has no district');
    return first.districtId;
  }

  async records(districtId: string, type: EntityType, shared = true): Promise<readonly TrueRecord[]> {
    const records: TrueRecord[] = [];
    for (;;) {
      const query = `shared=${shared}&offset=${records.length}&limit=${RECORDS_AT_ONCE}`;
      const page = await this.control<{ total: number; records: TrueRecord[] }>(
        'GET',
        `districts/${districtId}/records/${type}?${query}`,
      );
      records.push(...page.records);
      if (records.length >= page.total || page.records.length === 0) return records;
    }
  }

  async truth(districtId: string): Promise<Truth> {
    const entries: [EntityType, Truth[EntityType]][] = [];
    for (const type of ENTITY_TYPES) {
      const shared = (await this.records(districtId, type)).map(({ sourcedId }) => sourcedId);
      const gone = (await this.records(districtId, type, false)).map(({ sourcedId }) => sourcedId);
      entries.push([type, { shared, gone }]);
    }
    return Object.fromEntries(entries) as Truth;
  }
}
