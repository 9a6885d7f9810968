// Who may import whom (docs/architecture.md). A wrong arrow fails `npm run ok`.
const LAYERS = {
  subjects: [],
  base: ['subjects'],
  config: ['base', 'subjects'],
  protocol: ['base', 'subjects'],
  guard: ['config', 'base', 'subjects'],
  auth: ['guard', 'config', 'protocol', 'base', 'subjects'],
  accounts: ['guard', 'config', 'base', 'subjects'],
  jetstream: ['base', 'subjects'],
  api: ['guard', 'accounts', 'jetstream', 'base', 'subjects'],
  system: ['guard', 'accounts', 'jetstream', 'config', 'base', 'subjects'],
  server: [
    'guard',
    'config',
    'auth',
    'accounts',
    'jetstream',
    'api',
    'system',
    'protocol',
    'base',
    'subjects',
  ],
  audit: ['guard', 'config', 'accounts', 'jetstream', 'api', 'system', 'base', 'subjects'],
  explain: [
    'server',
    'audit',
    'guard',
    'config',
    'accounts',
    'jetstream',
    'api',
    'system',
    'protocol',
    'base',
    'subjects',
  ],
  model: ['config', 'subjects'],
  lab: ['server', 'model', 'guard', 'config', 'base', 'subjects'],
  fuzz: ['server', 'audit', 'model', 'guard', 'config', 'base', 'subjects'],
};
const layers = Object.keys(LAYERS);

const forbidden = layers.map((layer) => ({
  name: `${layer}-imports`,
  severity: 'error',
  comment: `${layer} may import ${LAYERS[layer].join(', ') || 'nothing'}`,
  from: { path: `^src/${layer}/` },
  to: {
    path: '^src/([^/]+)/',
    pathNot: [layer, ...LAYERS[layer]].map((allowed) => `^src/${allowed}/`),
  },
}));

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'through-the-door',
      severity: 'error',
      comment: 'another folder is imported through its index.ts only',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'no-cycles-between-folders',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { circular: true, pathNot: '^src/$1/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
