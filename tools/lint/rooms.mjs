// Who may import whom. A room is a folder; what it may import besides itself stands here, and nothing else is allowed: neither by
// `import`, `import()` or `require()`, nor by `export … from`.
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

const tfjs = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'];

/**
 * Rooms, innermost first: `rooms` that it may import, `packages`, and whether it may use Node's modules. A more specific path comes
 * first, and adds to what its folder may do. A room without `importable` may be imported by those that name it.
 */
const rooms = [
  // One rule, and all surfaces that show it.
  { room: 'test/core/records/runState.test.ts', rooms: ['src', 'test'], packages: [], node: true },
  { room: 'src/core', rooms: [], packages: ['d3-array', 'd3-shape', 'otb:token-baseline-kernel'] },
  { room: 'src/runs', rooms: ['src/core', 'media'], packages: ['ajv', 'jsonc-parser', 'otb:config-validator'], node: true },
  { room: 'src/presenting', rooms: ['src/core', 'src/runs'], packages: [], node: true },
  { room: 'src/trainer', rooms: ['src/core', 'src/runs'], packages: [], node: true },
  { room: 'src/supervisor', rooms: ['src/core', 'src/runs'], packages: [], node: true },
  { room: 'src/cli', rooms: ['src/core', 'src/runs', 'src/presenting'], packages: ['commander', 'jsonc-parser', 'log-update'], node: true },
  { room: 'src/editor', rooms: ['src/core', 'src/runs', 'src/presenting'], packages: ['vscode'], node: true },
  { room: 'src/extension.ts', rooms: ['src/editor'], packages: ['vscode'], node: true },
  { room: 'webview', rooms: ['src/core'], packages: [] },
  { room: 'study', rooms: ['src/core', 'src/runs', 'src/trainer'], packages: [], node: true },
  { room: 'bench/fuzz', rooms: ['src/core', 'src/runs', 'src/trainer', 'src/cli', 'test/runs'], packages: [], node: true },
  { room: 'bench/readers', rooms: ['src/core', 'src/runs', 'bench', 'test/runs'], packages: [], node: true },
  { room: 'bench/agents', rooms: ['src/core', 'bench', 'test/cli', 'test/runs'], packages: [], node: true },
  { room: 'bench', rooms: ['src/core', 'src/runs', 'src/trainer', 'test/e2e'], packages: ['playwright-core'], node: true },
  { room: 'screenshots', rooms: ['test/e2e'], packages: [], node: true },
  { room: 'test/core', rooms: ['src/core', 'src/runs', 'src/trainer', 'bench'], packages: [], node: true },
  // A small round of the benchmark.
  { room: 'test/runs/kills.test.ts', rooms: ['src', 'bench/kills', 'test/runs'], packages: [], node: true },
  { room: 'test/runs', rooms: ['src/core', 'src/runs', 'media'], packages: [], node: true },
  { room: 'test/trainer', rooms: ['src/core', 'src/runs', 'src/trainer', 'study'], packages: tfjs, node: true },
  { room: 'test/ray', rooms: ['src/core', 'src/runs', 'src/supervisor', 'test/runs', 'test/supervisor'], packages: [], node: true },
  { room: 'test/supervisor', rooms: ['src/core', 'src/runs', 'src/supervisor', 'test/runs'], packages: [], node: true },
  { room: 'test/presenting', rooms: ['src/core', 'src/runs', 'src/presenting', 'test/runs', 'test/cli'], packages: [], node: true },
  { room: 'test/cli/mcp', rooms: ['src/presenting', 'test/cli', 'test/runs'], packages: [], node: true },
  { room: 'test/cli', rooms: ['src/core', 'src/runs', 'src/cli', 'test/runs'], packages: [], node: true },
  { room: 'test/editor', rooms: ['src/core', 'src/runs', 'src/editor', 'test/runs'], packages: [], node: true },
  // What the extension tells a panel of real files.
  { room: 'test/webview/harness/producerRuns.ts', rooms: ['src/core', 'src/runs', 'test/e2e'], packages: [], node: true },
  {
    room: 'test/webview',
    rooms: ['src/core', 'webview', 'bench', 'test/core', 'test/e2e'],
    packages: ['playwright-core'],
    node: true,
  },
  {
    room: 'test/e2e',
    rooms: ['src/core', 'src/runs', 'test/cli', 'test/runs'],
    packages: ['playwright-core', 'vscode'],
    node: true,
  },
  { room: 'test/study', rooms: ['study'], packages: [], node: true },
  { room: 'test/bench', rooms: ['src', 'bench', 'test'], packages: [], node: true },
  { room: 'test/tools', rooms: ['tools', 'src/cli/packageRoot.ts'], packages: ['eslint', 'typescript'], node: true },
];

/** Packages that stay in one place of their room. */
const onlyIn = {
  'src/trainer/engines/tfjs': tfjs,
  'src/runs/sources/sqlite': ['sql.js'],
  'src/runs/rollouts/formats/parquet.ts': ['hyparquet'],
  'src/cli/mcp': ['@modelcontextprotocol/sdk'],
  'test/cli/mcp': ['@modelcontextprotocol/sdk'],
  'webview/controls/toolkit.ts': ['@vscode/webview-ui-toolkit'],
  'webview/chart/plot.ts': ['chart.js'],
  'webview/export': ['d3-shape'],
  'webview/seriesMark.ts': ['d3-shape'],
  'webview/bench': ['chart.js'],
  'bench/step.ts': tfjs,
};

/** Files that look whether a package is installed, by a name that is not written there. */
const looksForPackages = ['src/trainer/engines/tfjs/backend.ts', 'test/trainer/engines/tfjs/probe.test.ts'];

const isIn = (file, folder) => file === folder || file.startsWith(`${folder}/`);
const packageOf = (source) =>
  source
    .split('/')
    .slice(0, source.startsWith('@') ? 2 : 1)
    .join('/');

/** Why `file`, a path in the repository, may not import `source`; undefined where it may. */
export function objection(file, source) {
  const room = rooms.find((each) => isIn(file, each.room));
  if (room === undefined) return `${file} belongs to no room; add one to tools/lint/rooms.mjs.`;
  if (source.startsWith('.')) {
    const target = path.posix.join(path.posix.dirname(file), source);
    if ([room.room, ...room.rooms].some((folder) => isIn(target, folder))) return undefined;
    return `${room.room} must not import ${target}: of this repository it may import ${room.rooms.join(', ') || 'nothing'} only.`;
  }
  if (isBuiltin(source)) {
    if (!room.node) return `${room.room} must not use Node: it also runs in a browser.`;
    return source.startsWith('node:') ? undefined : `Write "node:${source}".`;
  }
  const name = packageOf(source);
  const places = Object.keys(onlyIn).filter((place) => onlyIn[place].includes(name) && isIn(place, room.room));
  if (room.packages.includes(name) || places.some((place) => isIn(file, place))) return undefined;
  if (places.length > 0) return `${name} is used in ${places.join(' and ')} only.`;
  return `${room.room} must not import the package ${name}: tools/lint/rooms.mjs says which it may.`;
}

/** The rule for ESLint. */
export const roomsRule = {
  meta: { type: 'problem', schema: [], messages: { objection: '{{text}}' } },
  create(context) {
    const file = path.relative(root, context.filename).split(path.sep).join('/');
    const check = (source) => {
      if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
      const text = objection(file, source.value);
      if (text !== undefined) context.report({ node: source, messageId: 'objection', data: { text } });
    };
    const checkCall = (source) => {
      if (source?.type === 'Literal') check(source);
      else if (source !== undefined && !looksForPackages.includes(file)) {
        context.report({ node: source, messageId: 'objection', data: { text: 'What is imported here must stand here, as a text.' } });
      }
    };
    return {
      ImportDeclaration: ({ source }) => check(source),
      ExportNamedDeclaration: ({ source }) => check(source),
      ExportAllDeclaration: ({ source }) => check(source),
      ImportExpression: ({ source }) => checkCall(source),
      TSImportType: ({ source, argument }) => check(source ?? argument?.literal),
      TSExternalModuleReference: ({ expression }) => check(expression),
      CallExpression: ({ callee, arguments: [source] }) => {
        if (callee.type === 'Identifier' && callee.name === 'require') checkCall(source);
      },
    };
  },
};
