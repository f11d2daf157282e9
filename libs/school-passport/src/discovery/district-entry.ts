/* One entry of the districts file: a server with its way to be asked, or a CSV bundle. Pure. */
import { resolve } from 'node:path';
import { DISTRICT_ID_PATTERN } from '#contracts';
import { versionOf } from '../http/urls.js';
import { ONE_ROSTER_VERSIONS, type Auth, type DistrictSource } from './district-source.js';
import { EntryFields } from './entry-fields.js';

/** What an entry may refer to. */
export interface EntryGround {
  /** Relative paths of bundles begin here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const DISTRICT_ID = new RegExp(DISTRICT_ID_PATTERN);
const MAX_PAGE_LIMIT = 10_000;
/** What a header may hold. */
const TOKEN = /^[\x21-\x7e]+$/;

/** Throws SchoolPassportSettingsError, whose message begins with `place`. */
export function readDistrictEntry(value: unknown, place: string, ground: EntryGround): DistrictSource {
  const fields = new EntryFields(value, place);
  const districtId = fields.text('districtId');
  if (!DISTRICT_ID.test(districtId)) fields.wrong(`districtId must match ${DISTRICT_ID_PATTERN}`);
  const facts = {
    districtId,
    name: fields.label('name') || districtId,
    readyStamp: null,
    expiresAt: null,
  };
  const source: DistrictSource = fields.has('csv')
    ? {
        kind: 'csv',
        ...facts,
        path: resolve(ground.folder, fields.text('csv')),
        version: readVersion(fields),
      }
    : { kind: 'server', ...facts, ...readServer(fields, ground) };
  fields.refuseOthers();
  return source;
}

/** Whose an entry is, whatever else is wrong with it; `null` where it does not say so. */
export function districtOf(value: unknown): string | null {
  const districtId = (value as { readonly districtId?: unknown } | null)?.districtId;
  return typeof districtId === 'string' && DISTRICT_ID.test(districtId) ? districtId : null;
}

function readServer(fields: EntryFields, { env }: EntryGround) {
  const allowHttp = fields.flag('allowHttp');
  const oneRosterUrl = fields.url('oneRosterUrl', allowHttp);
  return {
    oneRosterUrl,
    version: readVersion(fields, versionOf(oneRosterUrl)),
    auth: readAuth(fields, allowHttp, env),
    allowHttp,
    pageLimit: fields.wholeNumber('pageLimit', 1, MAX_PAGE_LIMIT) ?? null,
  };
}

function readAuth(fields: EntryFields, allowHttp: boolean, env: EntryGround['env']): Auth {
  const kind = fields.oneOf('auth', ['oauth2', 'bearer', 'oauth1']) ?? 'oauth2';
  switch (kind) {
    case 'oauth2':
      return {
        kind,
        tokenUrl: fields.url('tokenUrl', allowHttp),
        clientId: fields.text('clientId'),
        clientSecret: fields.secret('clientSecret', env),
        credentialsIn: fields.oneOf('credentialsIn', ['header', 'body']) ?? 'header',
        scopes: fields.words('scopes'),
      };
    case 'bearer': {
      const token = fields.secret('token', env);
      return { kind, token: TOKEN.test(token) ? token : fields.wrong('token must be one word of ASCII') };
    }
    case 'oauth1':
      return {
        kind,
        clientId: fields.text('clientId'),
        clientSecret: fields.secret('clientSecret', env),
        signature: fields.oneOf('signature', ['HMAC-SHA256', 'HMAC-SHA1']) ?? 'HMAC-SHA256',
      };
  }
}

/** A base path that names another version than the entry would take one id space for the other. */
function readVersion(fields: EntryFields, named?: DistrictSource['version']): DistrictSource['version'] {
  const version = fields.oneOf('version', ONE_ROSTER_VERSIONS) ?? named ?? '1.1';
  if (named !== undefined && named !== version)
    fields.wrong('version must be the one that oneRosterUrl names');
  return version;
}
