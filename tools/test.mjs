// Builds and runs the tests with Node's own runner: the unit tests, then those of the panel's page in test/webview in a real browser,
// then the end-to-end tests in test/e2e, one file after another in a real VS Code with the packaged extension. Arguments narrow the run
// to the files whose path contains one of them. The page is that of dist/, as `npm run build` makes it.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const wanted = process.argv.slice(2);
const built = spawnSync(process.execPath, ['esbuild.mjs', '--tests', ...wanted], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(built.status ?? 1);

const folder = path.join(root, 'dist', ['test', ...wanted].join('-').replaceAll('/', '-'));
const files = readdirSync(folder, { recursive: true })
  .map((name) => path.join(folder, String(name)))
  .filter((file) => file.endsWith('.test.mjs'));
if (files.length === 0) {
  console.error(`no test file matches ${wanted.join(' ')}`);
  process.exit(1);
}
const filesIn = (name) => files.filter((file) => path.relative(folder, file).startsWith(`${name}${path.sep}`));
const endToEnd = filesIn('e2e');
const page = filesIn('webview');
const unit = files.filter((file) => !endToEnd.includes(file) && !page.includes(file));

function runTests(chosen, args, env) {
  const command = ['--enable-source-maps', '--test', ...args, ...chosen];
  const { status } = spawnSync(process.execPath, command, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
}

if (unit.length > 0) runTests(unit, [], {});
if (page.length + endToEnd.length > 0) {
  const { setUpVSCode, unsupported } = await import('./vscode.mjs');
  const reason = unsupported();
  if (reason !== undefined) {
    console.error(`otb: ${reason}`);
    process.exit(0);
  }
  const env = { OTB_TEST_VSCODE: setUpVSCode() };
  // Two servers and browsers at once would slow each other down to their time limits.
  if (page.length > 0) runTests(page, ['--test-concurrency=1'], env);
  if (endToEnd.length > 0) {
    const { packageExtension, packageProbe } = await import('./package.mjs');
    runTests(endToEnd, ['--test-concurrency=1'], { ...env, OTB_TEST_VSIX: await packageExtension(), OTB_TEST_PROBE: await packageProbe() });
  }
}
