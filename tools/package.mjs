// Packages the extension into dist/otb-run-inspector.vsix: minified bundles, what .vscodeignore allows, and nothing else.
// Does nothing where the package is newer than its inputs; `--force` packages anyway.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { filesHash } from './filesHash.mjs';
import { runProcess } from './jobs.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const vsix = path.join(root, 'dist/otb-run-inspector.vsix');
const stage = path.join(root, '.cache/package');
const limitBytes = 3 << 20;

/** Top-level files and folders that the allow-list names, apart from dist, which is built for the package. */
const allowed = readFileSync(path.join(root, '.vscodeignore'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('!') && !line.startsWith('!dist/'))
  .map((line) => line.slice(1).split('/')[0])
  .filter((name) => existsSync(path.join(root, name)));
const contents = [...new Set(allowed)];

/** The package's path; made anew only where its inputs have changed. */
export async function packageExtension({ force = false } = {}) {
  const inputs = [...contents, 'src', 'webview', 'esbuild.mjs', 'package-lock.json', '.vscodeignore', 'tools/package.mjs'];
  const stamp = `${vsix}.stamp`;
  const hash = filesHash(root, inputs);
  if (!force && existsSync(vsix) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return vsix;

  console.error('otb: package…');
  rmSync(stamp, { force: true });
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const name of [...contents, '.vscodeignore']) cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  const env = { ...process.env, OTB_PRODUCTION: path.join(stage, 'dist') };
  const { status } = spawnSync(process.execPath, ['esbuild.mjs'], { cwd: root, env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`building the packaged bundles failed with exit code ${status}`);

  mkdirSync(path.dirname(vsix), { recursive: true });
  await vsce(stage, vsix);
  const { size } = statSync(vsix);
  if (size > limitBytes)
    throw new Error(`${vsix} has ${size} bytes, more than the ${limitBytes} it may have; see what .vscodeignore lets in`);
  writeFileSync(stamp, hash);
  return vsix;
}

/** The path of the test-only extension which runs the functions of end-to-end tests; it is no part of the product's package. */
export async function packageProbe() {
  const packagePath = path.join(root, 'dist/test-probe.vsix');
  await vsce(path.join(root, 'test/e2e/probe'), packagePath, ['--skip-license', '--allow-missing-repository']);
  return packagePath;
}

/** Packages a folder. What vsce warns of is an error; links that leave the package lead to the repository that package.json names. */
async function vsce(folder, packagePath, more = []) {
  const bin = createRequire(import.meta.url).resolve('@vscode/vsce/vsce');
  // Everything is bundled, so no dependencies.
  const { code, output } = await runProcess([bin, 'package', '--no-dependencies', '--out', packagePath, ...more], { cwd: folder });
  if (code !== 0 || /warn/i.test(output)) throw new Error(`"vsce package" in ${folder} failed or warned:\n${output}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = await packageExtension({ force: true });
  console.log(`${path.relative(root, file)}: ${(statSync(file).size / 1024).toFixed(0)} kB`);
}
