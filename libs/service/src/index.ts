export { errorFields } from './error-fields.js';
export { failpoint } from './failpoint.js';
export { Health } from './health.js';
export { ConfigError, EXIT_CONFIG, loadConfig } from './load-config.js';
export { Metrics, type MetricName } from './metrics.js';
export { runService, startService, urlOf, type ServiceOptions } from './run-service.js';
export { ServiceLog, type LogFields } from './service-log.js';
export { ServiceConfig, type LogLevel } from './service.config.js';
export { ServiceModule } from './service.module.js';
