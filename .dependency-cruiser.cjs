// The rooms of docs/architecture.md, enforced: each client library in its room, no app imports an app, no cycles,
// pure rooms without I/O.
const only = (name, library, rooms) => ({
  name,
  severity: 'error',
  from: { pathNot: rooms.concat(['\\.spec\\.ts$', '^test/']) },
  to: { path: `(^|/)node_modules/${library}(/|$)` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-app-imports-an-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-import-no-app',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(apps|tools|test)/' },
    },
    {
      name: 'contracts-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^(apps|libs|tools)/', pathNot: '^libs/contracts/' },
    },
    {
      name: 'pure-rooms-import-no-io',
      severity: 'error',
      from: {
        path: '^(libs/oneroster|apps/reconciler/src/reconciliation|apps/coordinator/src/settlement)/',
        pathNot: '\\.spec\\.ts$',
      },
      to: {
        path: '.',
        pathNot:
          '^(libs/(contracts|oneroster)/|apps/reconciler/src/reconciliation/|apps/coordinator/src/settlement/|(node:)?crypto$)',
      },
    },
    {
      name: 'the-consumer-kit-needs-no-nest-and-no-room-of-a-service',
      severity: 'error',
      from: { path: '^libs/(roster-consumer|kafka)/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '(^|/)node_modules/(@nestjs|rxjs|reflect-metadata|class-validator)/|^libs/',
        pathNot: '^libs/(roster-consumer|contracts|kafka)/',
      },
    },
    {
      name: 'the-loop-of-a-consumer-imports-no-io',
      severity: 'error',
      from: { path: '^libs/roster-consumer/src/(following|progress)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '.', pathNot: '^libs/(contracts|roster-consumer/src/(following|progress))/' },
    },
    {
      name: 'libs-through-their-root',
      severity: 'error',
      from: { path: '^(libs/([^/]+)|apps|tools|test)/' },
      to: { path: '^libs/[^/]+/src/(?!index\\.ts)', pathNot: '^libs/$2/' },
    },
    only('only-libs-kafka-speaks-kafkajs', 'kafkajs', ['^libs/kafka/']),
    only('only-roster-index-speaks-redis', 'redis', [
      '^apps/reconciler/src/roster-index/',
      '\\.bench\\.ts$',
      '^tools/',
    ]),
    only('only-ledger-and-roster-store-speak-pg', 'pg', [
      '^libs/ledger/',
      '^apps/persister/src/roster-store/',
      '^tools/',
    ]),
    only('only-school-passport-speaks-axios', 'axios', ['^libs/school-passport/']),
    only('only-school-passport-signs-oauth', 'oauth-1.0a', ['^libs/school-passport/']),
    only('only-csv-bundle-reads-csv', 'csv-parse', ['^libs/csv-bundle/']),
    only('only-csv-bundle-reads-zip', 'yauzl', ['^libs/csv-bundle/']),
    only('only-contracts-and-tests-speak-ajv', 'ajv', ['^libs/contracts/']),
    {
      name: 'simulation-runs-pure-rooms-and-ports-in-memory',
      severity: 'error',
      from: { path: '^test/simulation/' },
      to: {
        path: '^(apps|tools)/',
        pathNot:
          '^apps/(reconciler/(src/reconciliation|test)|coordinator/src/settlement|fetcher/src/(ports|run/|snapshot/|confirming/))',
      },
    },
    { name: 'nothing-imports-an-example', severity: 'error', from: {}, to: { path: '^examples/' } },
    {
      name: 'only-tools-and-tests-start-processes',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^(node:)?child_process$' },
    },
  ],
  required: ['apps/reconciler', 'apps/coordinator', 'apps/fetcher', 'libs/roster-consumer'].map((room) => ({
    name: `simulation-runs-the-loop-of-${room.split('/')[1]}`,
    severity: 'error',
    module: { path: '^test/simulation/world/services\\.ts$' },
    to: { path: `^${room}/src/`, reachable: true },
  })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['rollcall-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
    tsConfig: { fileName: 'tsconfig.json' },
  },
};
