// Specs run from the sources (the condition rollcall-source resolves #libs to .ts); the pipeline suites start the
// built services from dist/, so `npm test` builds first.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/tools', '<rootDir>/test'],
  testMatch: ['**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '@swc/jest' },
  testEnvironmentOptions: { customExportConditions: ['rollcall-source', 'node', 'node-addons'] },
  globalSetup: '<rootDir>/test/infrastructure.setup.mjs',
  globalTeardown: '<rootDir>/test/infrastructure.teardown.mjs',
  maxWorkers: 2,
  testTimeout: 60_000,
};
