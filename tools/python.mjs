// Runs Python in the folder python/, with what its requirements.lock names: `node tools/python.mjs -m pytest`; `node tools/python.mjs --path`
// says which Python that is, for the benchmarks. The environment lies in the user's cache folder and is named after the lock, so that it is made once (PyPI's torch brings five gigabytes). Where PyPI cannot be
// reached, tests are skipped with a message.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { duration, stopwatch } from './jobs.mjs';

/** As of TRL itself. */
const oldestPython = [3, 11];
const isWindows = process.platform === 'win32';
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const lock = path.join(root, 'python/requirements.lock');
const cache = path.join(cacheFolder(), 'otb-run-inspector', 'python');
const venv = path.join(cache, createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 12));
const python = path.join(venv, isWindows ? 'Scripts/python.exe' : 'bin/python');

process.exit(main(process.argv.slice(2)));

function main(args) {
  const stamp = path.join(venv, 'ready');
  if (!existsSync(stamp)) {
    const problem = setUp();
    if (problem !== undefined) return tell(problem, args);
    writeFileSync(stamp, '');
  }
  if (args[0] === '--path') {
    console.log(python);
    return 0;
  }
  const elapsed = stopwatch();
  // One thread: the models have a few thousand parameters. No files of Python's or pytest's in the clone.
  const own = { PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: path.join(root, 'python'), OTB_NODE: process.execPath };
  const env = { OMP_NUM_THREADS: '1', ...process.env, ...own };
  const { status } = spawnSync(python, args, { cwd: path.join(root, 'python'), env, stdio: 'inherit' });
  console.log(`python ${args.slice(0, 2).join(' ')} … ${duration(elapsed())}`);
  return status ?? 1;
}

/** Makes the environment. Returns what went wrong: { offline, message }. */
function setUp() {
  forgetOthers();
  console.error('otb: an environment for Python with TRL (once, some minutes)…');
  const install = ['pip', 'install', '--quiet'];
  if (spawnSync('uv', ['--version']).status === 0) {
    return (
      run('uv', ['venv', '--quiet', '--clear', '--python', `>=${oldestPython.join('.')}`, venv]) ??
      run('uv', [...install, '--python', python, '--requirement', lock])
    );
  }
  const base = findPython();
  const needed = `Python ${oldestPython.join('.')} or newer`;
  if (base === undefined) return { offline: false, message: `there is no ${needed}: install it, or uv, which brings one.` };
  rmSync(venv, { recursive: true, force: true });
  return (
    run(base, ['-m', 'venv', venv]) ??
    run(python, ['-m', ...install, '--disable-pip-version-check', '--retries', '2', '--requirement', lock])
  );
}

/** Removes what was made for other locks: each has gigabytes. */
function forgetOthers() {
  mkdirSync(cache, { recursive: true });
  for (const name of readdirSync(cache)) {
    if (name !== path.basename(venv)) rmSync(path.join(cache, name), { recursive: true, force: true });
  }
}

function findPython() {
  const isNewEnough = `import sys; sys.exit(sys.version_info < (${oldestPython.join(', ')}))`;
  return ['python3', 'python', 'python3.13', 'python3.12', 'python3.11'].find((name) => spawnSync(name, ['-c', isNewEnough]).status === 0);
}

function run(program, args) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status === 0) return undefined;
  const said = stderr.trim();
  return { offline: isUnreachable(said), message: `${program} ${args[0] === '-m' ? args[1] : args[0]} failed:\n${said}` };
}

/** Whether an installer failed because it got no answer from PyPI: the words of uv and pip. */
function isUnreachable(said) {
  return /error sending request|client error \(Connect\)|dns error|NewConnectionError|ConnectTimeout|ReadTimeoutError|Max retries exceeded|ProxyError|name resolution|operation timed out/i.test(
    said,
  );
}

function tell({ offline, message }, args) {
  const isTest = args.includes('pytest');
  if (offline) {
    const what = isTest ? 'the Python tests are skipped' : 'there is no Python with TRL';
    // What is not run is no failure of the tests, and no path.
    const say = isTest ? console.log : console.error;
    say(`otb: ${what}: PyPI, from which its environment is installed, cannot be reached.`);
    return isTest ? 0 : 1;
  }
  console.error(`otb: the environment for Python with TRL cannot be made: ${message}`);
  return 1;
}

/** Where this system keeps what can be made again. */
function cacheFolder() {
  if (process.env.XDG_CACHE_HOME) return process.env.XDG_CACHE_HOME;
  if (isWindows) return process.env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData/Local');
  return path.join(os.homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}
