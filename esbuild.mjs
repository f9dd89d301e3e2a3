// Builds everything into dist/: the WASM kernels, the command line, the trainer process and its worker threads, the extension and its panel.
// `node esbuild.mjs NAME…` builds those bundles alone; the kernels' name is "kernels".
// `node esbuild.mjs --watch [NAME…]` builds on, whenever a source changes.
// `node esbuild.mjs --tests [PART…]` builds the tests instead, one bundle a test file whose path contains a PART.
// OTB_PRODUCTION=FOLDER builds what the package ships: minified, without source maps, into that folder.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { build, context, transform } from 'esbuild';
import { filesHash } from './tools/filesHash.mjs';
import { runProcess } from './tools/jobs.mjs';

const root = path.dirname(fileURLToPath(import.meta.url));
const production = process.env.OTB_PRODUCTION;
const dist = production ?? path.join(root, 'dist');
const output = {
  outdir: dist,
  minify: production !== undefined,
  sourcemap: production === undefined ? 'linked' : false,
  logLevel: 'warning',
};

/** Keywords by which a schema speaks to editors. */
const wordsToEditors = [
  'allowComments',
  'allowTrailingCommas',
  'defaultSnippets',
  'description',
  'enumDescriptions',
  'markdownDescription',
  'title',
];

function without(schema, keywords) {
  return JSON.stringify(schema, (key, value) => (keywords.includes(key) ? undefined : value));
}

/** Schemas of configs, as programs read them: without what they say to editors, which read the files themselves. */
const schemas = {
  name: 'schemas',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/media\/[a-z]+-config\.schema\.json$/ }, ({ path: name, importer, resolveDir }) =>
      importer.startsWith(path.join(root, 'src')) ? { path: path.join(resolveDir, name), namespace: 'schema' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'schema' }, ({ path: file }) => ({
      contents: without(JSON.parse(readFileSync(file, 'utf8')), wordsToEditors),
      loader: 'json',
      watchFiles: [file],
    }));
  },
};

/**
 * The module `otb:config-validator`: a function that checks a config against its schema, as code. Nothing is compiled when a program
 * starts, and ajv itself stays out of the bundles.
 */
const configValidator = {
  name: 'config-validator',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^otb:config-validator$/ }, () => ({ path: 'config-validator', namespace: 'otb' }));
    onLoad({ filter: /^config-validator$/, namespace: 'otb' }, () => {
      const schema = JSON.parse(readFileSync(path.join(root, 'media/otb-config.schema.json'), 'utf8'));
      // The keys of TRL's are for editors: `src/runs/config/trlKeys.ts` checks them, and nobody fills in TRL's defaults.
      delete schema.properties.trl.allOf;
      // The validator has a copy of what it is given.
      const rules = without(schema, [...wordsToEditors, 'examples', 'limitReason']);
      const ajv = new Ajv({
        allErrors: true,
        messages: false,
        useDefaults: true,
        allowUnionTypes: true,
        strictTypes: false,
        code: { source: true, esm: true },
      });
      const standaloneCode = createRequire(import.meta.url)('ajv/dist/standalone').default;
      return { contents: standaloneCode(ajv, ajv.compile(JSON.parse(rules))), resolveDir: root };
    });
  },
};

/** The module `otb:token-baseline-kernel`: a kernel as base64, for code that has no file beside it to read. Nothing is compiled unless it is used. */
const embeddedKernel = {
  name: 'embedded-kernel',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^otb:token-baseline-kernel$/ }, () => ({ path: 'token-baseline.wasm', namespace: 'kernel' }));
    onLoad({ filter: /^/, namespace: 'kernel' }, async ({ path: file }) => {
      const bytes = readFileSync(path.join(await compiledKernels(), file));
      return { contents: `export const kernelBase64 = ${JSON.stringify(bytes.toString('base64'))}` };
    });
  },
};

/** What `otb mcp` alone needs is a bundle of its own beside `otb.mjs`: no other command waits for it to be read. */
const mcpApart = {
  name: 'mcp-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/stdioServer\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './mcp.mjs', external: true } : undefined,
    );
  },
};

/** Parts of TensorFlow.js that nothing here calls, by what asks for them: models on disks and servers, threads that it has in browsers only. */
const uncalled = {
  'node-fetch': 'TensorFlow.js would load something from a server',
  '../wasm-out/tfjs-backend-wasm-threaded-simd.js': 'TensorFlow.js would start threads',
  '../wasm-out/tfjs-backend-wasm-threaded-simd.worker.js': 'TensorFlow.js would start threads',
};

/**
 * Of TensorFlow.js, what the engine uses: no optimizers, no ways to save and load models, no client for servers. What its code asks for all
 * the same throws when it is called. Kernels and gradients are registered one by one, in src/trainer/engines/tfjs.
 */
const tfjsParts = {
  name: 'tfjs-parts',
  setup({ onResolve, onLoad }) {
    const core = path.join(root, 'node_modules/@tensorflow/tfjs-core/dist');
    onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: path.join(core, 'base.js') }));
    onResolve({ filter: /./ }, ({ path: name, importer }) =>
      importer.includes('@tensorflow') && Object.hasOwn(uncalled, name) ? { path: name, namespace: 'uncalled' } : undefined,
    );
    onLoad({ filter: /./, namespace: 'uncalled' }, ({ path: name }) => ({
      contents: `module.exports = () => { throw new Error(${JSON.stringify(`${uncalled[name]}, which this build leaves out.`)}); };`,
    }));
    // These register themselves as what can save and load models, in a browser too, and do nothing else.
    onResolve({ filter: /^\.\// }, ({ path: name, resolveDir }) =>
      resolveDir === path.join(core, 'io') ? { path: path.join(core, 'io', `${name}.js`), sideEffects: false } : undefined,
    );
    onResolve({ filter: /\/platform_browser$/ }, () => ({ path: 'platform_browser', namespace: 'uncalled', sideEffects: false }));
  },
};

/** Parts of chart.js that nothing here calls: its charts have no data sets, know no pointer, and are told their size. */
const withoutData = 'a chart has axes only: data sets, the pointer and sizes of elements are not left to chart.js';
const emptyClass = `{ constructor() { throw new Error(${JSON.stringify(withoutData)}); } }`;
const uncalledOfCharts = {
  DatasetController: `class DatasetController ${emptyClass}`,
  DomPlatform: `class DomPlatform ${emptyClass}`,
  Interaction: `var Interaction = { get modes() { throw new Error(${JSON.stringify(withoutData)}); } };`,
};

/**
 * Tells esbuild that classes and function objects which nobody uses have no effect, so that it leaves them out: it cannot see that
 * `static defaults = Other.defaults` and `Shape.prototype = …` only define something.
 */
function withoutEffects(code) {
  return code
    .replaceAll(/^class (\w+)( extends \w+)? \{\n[^]*?^\}$/gm, 'const $1 = /* @__PURE__ */ (() => { $&\nreturn $1; })();')
    .replaceAll(
      /^function (\w+)\([^)]*\) \{\n(?:(?!\}).*\n)*?\}\n\n\1\.prototype = [^]*?^\};?$/gm,
      'var $1 = /* @__PURE__ */ (() => {\n$&\nreturn $1; })();',
    )
    .replaceAll(/^(?:var|const) \w+ = (?=\(function)/gm, '$&/* @__PURE__ */ ');
}

/** Of chart.js and d3-shape, what is used. */
const drawingParts = {
  name: 'drawing-parts',
  setup({ onResolve, onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/](chart\.js|d3-shape)[\\/]dist[\\/][\w-]+\.m?js$/ }, ({ path: file }) => {
      let code = readFileSync(file, 'utf8');
      if (file.endsWith('chart.js')) {
        for (const [name, stub] of Object.entries(uncalledOfCharts)) {
          const whole = code.replace(new RegExp(`^ ?(class|var) ${name} [^]*?^\\};?$`, 'm'), stub);
          if (whole === code) throw new Error(`chart.js has no ${name} any more: see uncalledOfCharts in esbuild.mjs`);
          code = whole;
        }
      }
      return { contents: withoutEffects(code) };
    });
    // Colors between two others, for animations, and those under the pointer.
    onResolve({ filter: /^@kurkle\/color$/ }, () => ({ path: 'color', namespace: 'uncalled-color', sideEffects: false }));
    onLoad({ filter: /./, namespace: 'uncalled-color' }, () => ({ contents: `export class Color ${emptyClass}` }));
  },
};

const node = {
  bundle: true,
  plugins: [schemas, configValidator, embeddedKernel, mcpApart, tfjsParts, drawingParts],
  platform: 'node',
  format: 'esm',
  target: 'node20',
  ...output,
  outExtension: { '.js': '.mjs' },
  // Native code, a browser's driver, and what builds and checks the repository: loaded where it is installed.
  external: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'playwright-core', 'eslint', '@vscode/vsce'],
  // jsonc-parser and TensorFlow.js bundle only as ES modules.
  mainFields: ['module', 'main'],
  // Bundled CommonJS packages use require() and __dirname; an ES module has neither of its own.
  banner: {
    js: [
      "import { createRequire as __createRequire } from 'node:module';",
      "import { fileURLToPath as __fileURLToPath } from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      "const __dirname = __fileURLToPath(new URL('.', import.meta.url));",
    ].join(' '),
  },
};

/** Folder of the parts of the extension that are loaded when they are needed; see src/editor/late.ts. */
const extensionParts = 'extension';
const extensionEntry = path.join(root, 'src/extension.ts');

/**
 * Splits the extension into what it begins with, as one file, and the parts that it imports late. Each part imports the beginning, so that
 * esbuild does not split this as well, by which parts need what of it. It splits ES modules only, of which CommonJS is made then.
 */
const lateParts = {
  name: 'late-parts',
  setup({ initialOptions: { minify, sourcemap }, onResolve, onLoad, onEnd }) {
    onResolve({ filter: /^\./ }, ({ kind, resolveDir, path: name }) =>
      kind === 'dynamic-import' ? { path: path.join(resolveDir, name), namespace: 'part' } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'part' }, ({ path: file }) => ({
      contents: `export * from ${JSON.stringify(file)}; import ${JSON.stringify(extensionEntry)};`,
      resolveDir: root,
    }));
    onEnd(async ({ outputFiles }) => {
      rmSync(path.join(dist, extensionParts), { recursive: true, force: true });
      mkdirSync(path.join(dist, extensionParts), { recursive: true });
      const converted = outputFiles.map(async (file) => {
        const { code } = await transform(file.text, { format: 'cjs', platform: 'node', target: node.target, minify, sourcemap });
        writeFileSync(file.path, code);
      });
      await Promise.all(converted);
    });
  },
};

/** Loaded by VS Code, which reads CommonJS everywhere. */
const extension = {
  ...node,
  outExtension: { '.js': '.cjs' },
  external: ['vscode'],
  banner: {},
  splitting: true,
  chunkNames: `${extensionParts}/[name]-[hash]`,
  sourcemap: output.sourcemap && 'inline',
  write: false,
  plugins: [...node.plugins, lateParts],
};

/** Loaded by the webview, which computes no advantages: the kernel of the estimators has to be found, and is then left out. */
const panel = { bundle: true, plugins: [embeddedKernel, drawingParts], platform: 'browser', format: 'iife', target: 'es2022', ...output };

/**
 * Kernels: those of TensorFlow.js as they come, and ours, AssemblyScript to WASM with SIMD. Those of the trainer share one memory among
 * threads; the relaxed build fuses multiply and add.
 */
const shared = ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536', '--enable', 'threads'];
const kernels = [
  { out: 'kernels.wasm', entry: 'src/trainer/engines/wasm/kernels/index.ts', flags: shared },
  { out: 'kernels-relaxed.wasm', entry: 'src/trainer/engines/wasm/kernels/index.ts', flags: [...shared, '--enable', 'relaxed-simd'] },
  { out: 'reader.wasm', entry: 'src/runs/columns/kernel/index.ts', flags: [] },
  { out: 'token-baseline.wasm', entry: 'src/core/estimators/kernel/index.ts', flags: [], embedded: true },
];

/** Compiled once for all bundles of a build. */
let compiling;
const compiledKernels = () => (compiling ??= compileKernels());

/** Compiled kernels by a hash of all that they are made of: the package ships what the build has made. */
async function compileKernels() {
  const sources = [
    'src/trainer/engines/wasm/kernels',
    'src/runs/columns/kernel',
    'src/core/estimators/kernel',
    'esbuild.mjs',
    'package-lock.json',
  ];
  const cache = path.join(root, '.cache/kernels');
  const folder = path.join(cache, filesHash(root, sources).slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(path.join(cache, 'building-'));
  const asc = createRequire(import.meta.url).resolve('assemblyscript/bin/asc.js');
  const compile = async ({ out, entry, flags }) => {
    const common = ['-O3', '--runtime', 'stub', '--enable', 'simd'];
    const { code, output } = await runProcess([asc, path.join(root, entry), '-o', path.join(building, out), ...common, ...flags]);
    process.stderr.write(output);
    if (code !== 0) throw new Error(`compiling ${entry} to ${out} failed with exit code ${code}`);
  };
  await Promise.all(kernels.map(compile));
  try {
    renameSync(building, folder);
  } catch (error) {
    // Another build was faster: its kernels are the same.
    if (!existsSync(folder)) throw error;
    rmSync(building, { recursive: true });
  }
  return folder;
}

async function buildKernels() {
  mkdirSync(dist, { recursive: true });
  const tfjs = path.join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
  copyFileSync(tfjs, path.join(dist, path.basename(tfjs)));
  const sqlite = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');
  copyFileSync(sqlite, path.join(dist, path.basename(sqlite)));
  const folder = await compiledKernels();
  for (const { out, embedded } of kernels) if (!embedded) copyFileSync(path.join(folder, out), path.join(dist, out));
}

function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => path.join(folder, name));
}

/** Tests whose files share one browser, and one server where they need one: a process for all of them, with what starts these in `harness`. */
const browserTests = [
  { folder: 'webview', harness: './harness/panelTest.ts' },
  { folder: 'e2e', harness: './harness/vscodeTest.ts' },
];

/** One bundle of several files, each a suite under its name. The harness comes first: what ends the server and the browser ends no suite. */
function buildBrowserTests({ folder, harness, chosen }, outdir) {
  const names = chosen.map((file) => path.basename(file)).sort();
  const lines = [
    `import ${JSON.stringify(harness)};`,
    "import { describe } from 'node:test';",
    `process.send?.({ files: ${names.length} });`,
    ...names.map((name) => `describe(${JSON.stringify(name)}, async () => { await import(${JSON.stringify(`./${name}`)}); });`),
  ];
  const stdin = { contents: lines.join('\n'), resolveDir: path.join(root, 'test', folder), sourcefile: 'all.test.mjs' };
  return build({ ...node, stdin, outdir: undefined, outfile: path.join(outdir, folder, 'all.test.mjs') });
}

/** Entry points by kind of bundle: what the package ships, and what only a clone of the repository has. */
const shipped = [
  {
    options: node,
    entries: {
      otb: 'src/cli/main.ts',
      mcp: 'src/cli/mcp/stdioServer.ts',
      trainer: 'src/trainer/main.ts',
      supervisor: 'src/supervisor/main.ts',
      worker: 'src/trainer/engines/wasm/worker.ts',
      reader: 'src/runs/columns/worker.ts',
      ended: 'src/runs/catalog/worker.ts',
      rollouts: 'src/runs/rollouts/worker.ts',
    },
  },
  { options: extension, entries: { extension: path.relative(root, extensionEntry) } },
  {
    options: panel,
    entries: {
      panel: 'webview/main.ts',
      'panel-style': 'webview/panel.css',
      lens: 'webview/lens/main.ts',
      'lens-style': 'webview/lens/lens.css',
    },
  },
];
const measurements = {
  options: node,
  entries: {
    study: 'study/main.ts',
    studyTrl: 'study/trl/main.ts',
    studyProxy: 'study/proxy/main.ts',
    bench: 'bench/main.ts',
    benchWorker: 'bench/worker.ts',
    benchDetector: 'bench/detector/main.ts',
    benchEditor: 'bench/editor/main.ts',
    benchKills: 'bench/kills/main.ts',
    benchFuzz: 'bench/fuzz/main.ts',
    benchReaders: 'bench/readers/main.ts',
    benchAgents: 'bench/agents/main.ts',
    benchGrowth: 'bench/growth/main.ts',
    screenshots: 'screenshots/main.ts',
  },
};

const bundles = production === undefined ? [...shipped, measurements] : shipped;

/** Tells editors when the watching mode begins to build, what is wrong, and when all is built: .vscode/tasks.json reads it. */
let building = 0;
const announced = {
  name: 'announced',
  setup({ onStart, onEnd }) {
    onStart(() => {
      if (building++ === 0) console.log('[watch] build started');
    });
    onEnd(({ errors }) => {
      for (const { text, location } of errors) {
        console.log(`✘ [ERROR] ${text}`);
        if (location !== null) console.log(`    ${location.file}:${location.line}:${location.column + 1}:`);
      }
      if (--building === 0) console.log('[watch] build finished');
    });
  },
};

/** Builds the bundles whose names are wanted; a watching build builds them anew whenever one of their sources changes, and does not end. */
async function buildBundles(wanted, { watch = false } = {}) {
  const builds = bundles.map(async ({ options, entries }) => {
    const chosen = Object.entries(entries).filter(([name]) => wanted(name));
    if (chosen.length === 0) return;
    const entryPoints = Object.fromEntries(chosen.map(([name, file]) => [name, path.join(root, file)]));
    if (!watch) return void (await build({ ...options, entryPoints }));
    const plugins = [...(options.plugins ?? []), announced];
    await (await context({ ...options, entryPoints, plugins, logLevel: 'silent' })).watch();
  });
  await Promise.all(builds);
  if (wanted('otb') && !watch) chmodSync(path.join(dist, 'otb.mjs'), 0o755);
}

const tests = process.argv.indexOf('--tests');
if (tests >= 0) {
  const wanted = process.argv.slice(tests + 1);
  const outdir = path.join(dist, ['test', ...wanted].join('-').replaceAll('/', '-'));
  rmSync(outdir, { recursive: true, force: true });
  // Those in test/ray need a cluster: tools/ray.mjs starts one, and asks for them.
  const needCluster = path.join(root, 'test', 'ray');
  const files = testFiles(path.join(root, 'test')).filter((file) =>
    wanted.length === 0 ? path.dirname(file) !== needCluster : wanted.some((part) => file.includes(part)),
  );
  const inBrowser = browserTests.map(({ folder, harness }) => ({
    folder,
    harness,
    chosen: files.filter((file) => path.dirname(file) === path.join(root, 'test', folder)),
  }));
  const unit = files.filter((file) => !inBrowser.some(({ chosen }) => chosen.includes(file)));
  await Promise.all([
    build({ ...node, entryPoints: unit, outbase: path.join(root, 'test'), outdir }),
    ...inBrowser.filter(({ chosen }) => chosen.length > 0).map((kind) => buildBrowserTests(kind, outdir)),
  ]);
} else {
  const watch = process.argv.includes('--watch');
  const names = process.argv.slice(2).filter((argument) => argument !== '--watch');
  const known = ['kernels', ...bundles.flatMap(({ entries }) => Object.keys(entries))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`There is no bundle "${unknown}"; there are ${known.join(', ')}.`);
  const wanted = (name) => names.length === 0 || names.includes(name);
  await Promise.all([wanted('kernels') ? buildKernels() : undefined, buildBundles(wanted, { watch })]);
}
