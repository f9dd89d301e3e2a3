// Format, type check and lint, several at a time; all must pass before the tests run. `npm run format` puts the format right. With --all,
// as `npm test` and `npm run check` run it, also the lint rules that need types and what nobody uses.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesHash } from './filesHash.mjs';
import { duration, runJobs, runProcess, stopwatch } from './jobs.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const packageBin = (name, bin) => path.join(root, 'node_modules', name, bin);
const cache = (name) => path.join(root, '.cache', name);

/** What has been checked is remembered in .cache: a second time only what has changed is checked. */
const types = (folder) => ({
  name: `types of ${folder === '' ? 'src and tests' : folder}`,
  args: [packageBin('typescript', 'bin/tsc'), '--noEmit', '-p', path.join(root, folder)],
});

const all = process.argv.includes('--all');
// What ESLint remembers is worth nothing once the rules have changed.
const rules = filesHash(root, ['eslint.config.mjs', 'tools/lint', 'package-lock.json']).slice(0, 8);
const eslintCache = cache(`eslint-${all ? 'all' : 'untyped'}-${rules}.json`);
const checks = [
  {
    name: all ? 'lint' : 'lint without types',
    args: [packageBin('eslint', 'bin/eslint.js'), '--max-warnings', '0', '--cache', '--cache-strategy', 'content'].concat([
      '--cache-location',
      eslintCache,
      root,
    ]),
    env: all ? {} : { OTB_LINT: 'untyped' },
  },
  types(''),
  types('webview'),
  types('test/e2e'),
  types('test/webview'),
  {
    name: 'format',
    args: [
      packageBin('prettier', 'bin/prettier.cjs'),
      '--check',
      '--log-level',
      'warn',
      '--cache',
      '--cache-location',
      cache('prettier'),
      root,
    ],
  },
  ...(all
    ? [{ name: 'dead code', args: [packageBin('knip', 'bin/knip.js'), '--no-progress', '--cache', '--cache-location', cache('knip')] }]
    : []),
];

const elapsed = stopwatch();
let failed = 0;
const jobs = checks.map(({ name, args, env }) => ({
  name,
  run: async () => {
    const { code, output } = await runProcess(args, { cwd: root, env: { ...process.env, ...env } });
    if (code !== 0) failed++;
    return output.trimEnd();
  },
}));
await runJobs('check', jobs, availableParallelism());
console.log(`check: ${failed === 0 ? 'all passed' : `${failed} of ${checks.length} failed`} after ${duration(elapsed())}`);
process.exit(failed === 0 ? 0 : 1);
