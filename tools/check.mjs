// Format, type check and lint, several at a time; all must pass before the tests run. `npm run format` puts the format right.
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { duration, runJobs, runProcess, stopwatch } from './jobs.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const packageBin = (name, bin) => path.join(path.dirname(require.resolve(`${name}/package.json`)), bin);
const cache = (name) => path.join(root, '.cache', name);

/** What is remembered of the last type check lies in .cache, so that a second one only looks at what has changed. */
const types = (folder) => ({
  name: `types of ${folder === '' ? 'src and tests' : folder}`,
  args: [packageBin('typescript', 'bin/tsc'), '-p', path.join(root, folder), '--noEmit', '--incremental', '--tsBuildInfoFile'].concat(
    cache(`types-${folder.replaceAll('/', '-')}.json`),
  ),
});

const checks = [
  { name: 'lint', args: [packageBin('eslint', 'bin/eslint.js'), '--max-warnings', '0', root] },
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
];

const elapsed = stopwatch();
let failed = 0;
const jobs = checks.map(({ name, args }) => ({
  name,
  run: async () => {
    const { code, output } = await runProcess(args, { cwd: root });
    if (code !== 0) failed++;
    return output.trimEnd();
  },
}));
await runJobs('check', jobs, availableParallelism());
console.log(`check: ${failed === 0 ? 'all passed' : `${failed} of ${checks.length} failed`} after ${duration(elapsed())}`);
process.exit(failed === 0 ? 0 : 1);
