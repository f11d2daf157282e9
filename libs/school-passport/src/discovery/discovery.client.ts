/*
 * The districts that share with us, and how to read each: asked of School Passport with the partner's token, or read
 * from a file. Nothing is kept between calls, so credentials and stamps are as fresh as the answer.
 */
import { HttpClient, type HttpAnswer } from '../http/http.client.js';
import { TokenClient } from '../http/token.client.js';
import { toSafeUrl } from '../http/urls.js';
import { SchoolPassportError, SchoolPassportSettingsError } from '../school-passport.errors.js';
import type { DistrictListing, DistrictSource } from './district-source.js';
import { readDistrictsFile } from './districts-file.js';
import { readListing } from './read-listing.js';

export interface SchoolPassportSettings {
  /** The host, with or without scheme or path. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly allowHttp: boolean;
}

export type DiscoverySettings = SchoolPassportSettings | { readonly districtsFile: string };

const SERVICES_PATH = /\/datahub(\/.*)?$/i;

export class Discovery {
  private readonly listing: () => Promise<DistrictListing>;

  /** Throws SchoolPassportError `insecure-url` for a host that must not be asked. */
  constructor(settings: DiscoverySettings, http: HttpClient = new HttpClient()) {
    this.listing =
      'districtsFile' in settings
        ? () => readDistrictsFile(settings.districtsFile)
        : listingOf(settings, http);
  }

  /** Throws SchoolPassportError, or SchoolPassportSettingsError for the districts file as a whole. */
  async list(): Promise<readonly DistrictSource[]> {
    return (await this.listing()).sources;
  }

  /** As `list`, with what could not be used of it. */
  async listWithFaults(): Promise<DistrictListing> {
    return this.listing();
  }

  /** `null`: the district is not (or no longer) there. Throws also where its entry cannot be used. */
  async find(districtId: string): Promise<DistrictSource | null> {
    const { sources, withheld } = await this.listing();
    const found = sources.find((source) => source.districtId === districtId);
    if (found !== undefined) return found;
    const held =
      withheld.find((one) => one.districtId === districtId) ??
      withheld.find((one) => one.districtId === null);
    if (held !== undefined) throw new SchoolPassportSettingsError(held.fault);
    return null;
  }
}

function listingOf(settings: SchoolPassportSettings, http: HttpClient): () => Promise<DistrictListing> {
  const host = toSafeUrl('SCHOOL_PASSPORT_URL', settings.url, settings.allowHttp).replace(SERVICES_PATH, '');
  const tokenUrl = `${host}/datahub/oauth/token`;
  const url = `${host}/datahub/services/vendor/onboarding/credentials`;
  const tokens = new TokenClient(http, { ...settings, tokenUrl, credentialsIn: 'header', scopes: [] });
  const ask = async (token: string): Promise<HttpAnswer> =>
    http.send(() => ({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } }));

  return async () => {
    let token = await tokens.get();
    let answer = await ask(token);
    if (answer.status === 401) {
      tokens.refuse(token);
      token = await tokens.get();
      answer = await ask(token);
    }
    return readAnswer(answer, { tokenUrl, allowHttp: settings.allowHttp });
  };
}

function readAnswer(answer: HttpAnswer, defaults: Parameters<typeof readListing>[1]): DistrictListing {
  const { status, coordinates, body } = answer;
  if (status === 401)
    throw new SchoolPassportError('unauthorized', 'Discovery refuses the token', coordinates);
  if (status === 403) throw new SchoolPassportError('forbidden', 'Discovery is not allowed', coordinates);
  if (status !== 200) throw new SchoolPassportError('status', 'Discovery gave no listing', coordinates);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    throw new SchoolPassportError('not-json', 'Discovery answered without JSON', coordinates);
  }
  const listing = readListing(value, defaults);
  if (listing === undefined) {
    throw new SchoolPassportError('unknown-shape', 'Discovery answered in an unknown shape', coordinates);
  }
  return listing;
}
