export { MAX_GG4L_ID_LENGTH, readGg4lId } from './gg4l-id.js';
export { readRecord, type RecordReading } from './read-record.js';
export { rowText } from './row-text.js';
export { cleanText } from './text.js';
export { type LeftOut, type Reference } from './read-attributes.js';
export { type Warning } from './warnings.js';
export { allowedOf, allowsType, isAllowedName, type Allowed, type AllowList } from './allow-list.js';
export {
  changedAttributes,
  digestAttributes,
  digestedAttributes,
  digestsBytes,
  NO_DIGESTS,
} from './attribute-digests.js';
export { CANONICAL_VERSION, fingerprintOf } from './fingerprint.js';
export {
  attributesOf,
  collectionKeys,
  describeRecord,
  type CanonicalAttribute,
  type CanonicalKind,
} from './canonical-attributes.js';
