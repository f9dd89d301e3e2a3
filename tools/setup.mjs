// Makes a clone ready to run: installs what package-lock.json pins and builds dist/, each only if it is not up to date.
// Uses Node alone, because it runs before anything is installed. A second run needs no network and does nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesHash } from './filesHash.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  console.error(`otb: Node ${process.versions.node} is too old; install Node 20.12 or newer.`);
  process.exit(1);
}

/** Runs `step` unless the stamp file says that it already ran on the same inputs. */
function once(stampFile, inputs, label, step) {
  const stamp = path.join(root, stampFile);
  const hash = filesHash(root, inputs);
  const fresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
  if (fresh && !process.argv.includes(`--force-${label}`)) return;
  console.error(`otb: ${label}…`);
  step();
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' && command === 'npm' });
  if (result.status !== 0) {
    console.error(
      `otb: "${[command, ...args].join(' ')}" failed${result.error ? `: ${result.error.message}` : ` with exit code ${result.status}`}`,
    );
    process.exit(1);
  }
}

/** Whether somebody has already run npm here since the lock file was last written. */
function installedByHand() {
  const [installed, locked] = ['node_modules/.package-lock.json', 'package-lock.json'].map((name) => path.join(root, name));
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(locked).mtimeMs;
}

const installStamp = 'node_modules/.otb-installed';
const install = () => run('npm', ['ci', '--no-audit', '--no-fund']);
// What was installed by hand from the same lock file is good enough, and needs no network.
once(installStamp, ['package-lock.json'], 'install', () =>
  existsSync(path.join(root, installStamp)) || !installedByHand() ? install() : undefined,
);
once(
  'dist/.otb-built',
  ['src', 'webview', 'study', 'bench', 'screenshots', 'test/e2e', 'media', 'esbuild.mjs', 'package-lock.json'],
  'build',
  () => run(process.execPath, ['esbuild.mjs']),
);
