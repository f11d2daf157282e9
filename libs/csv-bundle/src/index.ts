export { CsvBundleError } from './bundle.errors.js';
export { DEFAULT_LIMITS, type BundleLimits } from './bundle.js';
export { bundleStamp } from './bundle-stamp.js';
export { csvPages, type BundlePart, type BundleToRead } from './csv-pages.js';
