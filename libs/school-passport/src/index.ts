export {
  Discovery,
  type DiscoverySettings,
  type SchoolPassportSettings,
} from './discovery/discovery.client.js';
export {
  ONE_ROSTER_VERSIONS,
  type Auth,
  type BundledDistrict,
  type DistrictListing,
  type DistrictSource,
  type OneRosterVersion,
  type ServedDistrict,
} from './discovery/district-source.js';
export { type EntryGround } from './discovery/district-entry.js';
export { parseDistricts } from './discovery/districts-file.js';
export { HttpClient, type HttpSettings } from './http/http.client.js';
export { type DistrictFinder } from './one-roster/district-access.js';
export { type Boundaries, type CollectionPart } from './one-roster/collection-walk.js';
export { OneRosterClient, type OneRosterSettings } from './one-roster/one-roster.client.js';
export { readRows } from './one-roster/read-page.js';
export type { Quirk, Quirks } from './one-roster/quirks.js';
export { discoverySettings, reachSettings, SchoolPassportConfig } from './school-passport.config.js';
export {
  SchoolPassportError,
  SchoolPassportSettingsError,
  type RequestCoordinates,
  type SchoolPassportErrorCode,
} from './school-passport.errors.js';
