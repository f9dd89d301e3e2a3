// Builds and runs the tests with Node's own runner: the unit tests, as many files at a time as there are cores, then those of the panel's
// page in test/webview in a real browser, then the end-to-end tests in test/e2e, one after another in a real VS Code with the packaged
// extension. Arguments narrow the run to the files whose path contains one of them, and let each test have a line of its own. The page is
// that of dist/, as `npm run build` makes it. Prints a line a file, failures in full, and at the end "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { duration, runJobs, runProcess, stopwatch } from './jobs.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const total = stopwatch();
const counts = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

await phase('build of the tests', () => {
  const built = spawnSync(process.execPath, ['esbuild.mjs', '--tests', ...wanted], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
});
const folder = path.join(root, 'dist', ['test', ...wanted].join('-').replaceAll('/', '-'));
const files = (existsSync(folder) ? readdirSync(folder, { recursive: true }) : [])
  .map(String)
  .filter((file) => file.endsWith('.test.mjs'))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(1);
}
const inBrowser = { page: path.join('webview', 'all.test.mjs'), e2e: path.join('e2e', 'all.test.mjs') };
const unit = files.filter((file) => !Object.values(inBrowser).includes(file));

await runJobs(
  'unit',
  unit.map((file) => ({ name: file.replace(/\.mjs$/, '.ts'), run: () => runFile('unit', file) })),
  availableParallelism(),
);
if (files.length > unit.length) {
  const { setUpVSCode, unsupported } = await import('./vscode.mjs');
  const reason = unsupported();
  if (reason === undefined) await runInBrowser(setUpVSCode);
  else console.log(`otb: ${reason}`);
}

if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
console.log(`tests: ${duration(total())}`);
console.log(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exit(counts.failed === 0 ? 0 : 1);

/** All files of a kind share one server and one browser, hence one process. */
async function runInBrowser(setUpVSCode) {
  const env = { OTB_TEST_VSCODE: await phase('VS Code and browser', setUpVSCode) };
  if (files.includes(inBrowser.page)) await report(runFile('page', inBrowser.page, env));
  if (!files.includes(inBrowser.e2e)) return;
  await phase('package', async () => {
    const { packageExtension, packageProbe } = await import('./package.mjs');
    env.OTB_TEST_VSIX = await packageExtension();
    env.OTB_TEST_PROBE = await packageProbe();
  });
  await report(runFile('e2e', inBrowser.e2e, env));
}

async function phase(name, work) {
  const elapsed = stopwatch();
  const result = await work();
  console.log(`${name} … ${duration(elapsed())}`);
  return result;
}

async function report(running) {
  const text = await running;
  if (text !== '') console.log(text);
}

/** Runs a bundle of tests, counts them, and resolves to what there is to say about them: nothing where all is well. */
async function runFile(kind, file, env = {}) {
  const said = [];
  // What bundles of several files say is printed at once, that of a single file below its line.
  const suites = kind === 'unit' ? undefined : { ended: 0, of: Number.NaN };
  const say = (text) => (suites === undefined ? said.push(text) : console.log(text));
  let failedHere = 0;
  const onMessage = (event) => {
    if (event.files !== undefined) suites.of = event.files;
    else if (event.diagnostic !== undefined) say(`  ${event.diagnostic}`);
    else {
      const { name, nesting, suite, outcome, error, milliseconds } = event;
      if (event.counts) {
        counts[outcome]++;
        if (outcome === 'failed') failedHere++;
        const marks = { passed: '✔', failed: '✖', skipped: '﹣' };
        if (outcome === 'failed' || wanted.length > 0) say(`  ${marks[outcome]} ${name} (${duration(milliseconds)})`);
      }
      if (error !== undefined && (event.counts || suite)) say(error.replace(/^/gm, '      '));
      if (outcome === 'failed' && event.counts) failures.push(`${file.replace(/all\.test\.mjs$/, '').replace(/\.mjs$/, '.ts')}: ${name}`);
      if (suite && nesting === 0 && suites !== undefined) {
        console.log(`${kind} ${++suites.ended}/${suites.of} ${name} … ${duration(milliseconds)}`);
      }
    }
  };
  const args = ['--enable-source-maps', '--test-reporter', path.join(root, 'tools/testReporter.mjs'), path.join(folder, file)];
  const { code, output } = await runProcess(args, { cwd: root, env: { ...process.env, ...env }, onMessage });
  if (code !== 0 && failedHere === 0) {
    // It has broken off before, between or after its tests.
    counts.failed++;
    failures.push(`${file}: ended with exit code ${code}`);
    said.push(`  ✖ ended with exit code ${code}`);
  }
  if ((code !== 0 || wanted.length > 0) && output.trim() !== '') said.push(output.trimEnd());
  return said.join('\n');
}
