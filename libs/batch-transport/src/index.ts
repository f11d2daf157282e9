export { BatchHandler } from './batch-handler.js';
export { BatchServer, type BatchServerOptions } from './batch.server.js';
