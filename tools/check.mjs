// Format, type check and lint; all must pass before the tests run. `npm run format` puts the format right.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const packageBin = (name, bin) => path.join(path.dirname(require.resolve(`${name}/package.json`)), bin);

for (const args of [
  [
    packageBin('prettier', 'bin/prettier.cjs'),
    '--check',
    '--log-level',
    'warn',
    '--cache',
    '--cache-location',
    path.join(root, '.cache/prettier'),
    root,
  ],
  [packageBin('typescript', 'bin/tsc'), '--noEmit', '-p', root],
  [packageBin('typescript', 'bin/tsc'), '--noEmit', '-p', path.join(root, 'webview')],
  [packageBin('typescript', 'bin/tsc'), '--noEmit', '-p', path.join(root, 'test/e2e')],
  [packageBin('typescript', 'bin/tsc'), '--noEmit', '-p', path.join(root, 'test/webview')],
  [packageBin('eslint', 'bin/eslint.js'), '--max-warnings', '0', root],
]) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
