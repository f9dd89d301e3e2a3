// The tests in test/ray, against a real head of a Ray cluster on this machine: with Ray from PyPI in an environment of its own in
// .cache/ray, and with ports, a token, a home and a temporary folder of its own. Where there is no Python, or PyPI cannot be reached, it
// says so and ends well. Nothing is left running.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { duration, stopwatch } from './jobs.mjs';

const version = '2.60.0';
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cache = path.join(root, '.cache/ray');
const venv = path.join(cache, 'venv');
/** Minutes for the head to come up on a busy machine, and for the tests. */
const startMinutes = 6;
const testMinutes = 10;

const problem = setUp();
if (problem !== undefined) {
  console.log(`otb: the tests against a real Ray cluster are skipped: ${problem}`);
  process.exit(0);
}
// Short: paths of sockets have a limit of about a hundred characters.
const folder = mkdtempSync(path.join(os.tmpdir(), 'otbray-'));
const mark = randomBytes(8).toString('hex');
const token = randomBytes(32).toString('hex');
let head;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end().then(() => process.exit(1)));
let code = 1;
try {
  const elapsed = stopwatch();
  const url = await start();
  console.log(`Ray ${version} … ${duration(elapsed())}`);
  code = await test(url);
} catch (error) {
  console.error(`otb: ${error.message}`);
} finally {
  await end();
}
process.exit(code);

/** Installs Ray unless that is done. Returns why it cannot be, in one sentence. */
function setUp() {
  const stamp = path.join(cache, 'ready');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return undefined;
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  console.error(`otb: Ray ${version} for the tests (once, about two minutes)…`);
  const ray = `ray[default]==${version}`;
  const python = path.join(venv, 'bin/python');
  const ways = [
    [
      ['uv', 'venv', '--quiet', venv],
      ['uv', 'pip', 'install', '--quiet', '--python', python, ray],
    ],
    [
      ['python3', '-m', 'venv', venv],
      [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ray],
    ],
  ];
  let reason = 'there is no Python: install python3 or uv.';
  for (const steps of ways) {
    const failed = steps.map(([program, ...args]) => spawnSync(program, args, { encoding: 'utf8' })).find(({ status }) => status !== 0);
    if (failed === undefined) {
      writeFileSync(stamp, version);
      return undefined;
    }
    if (failed.error === undefined) reason = `it cannot be installed: ${failed.stderr.trim().split('\n').at(-1)}`;
  }
  return reason;
}

/** Starts a head; resolves to the URL of its dashboard when that answers. */
async function start() {
  const [gcs, dashboard, client, agent, agentGrpc, metrics] = await freePorts(6);
  const log = openSync(path.join(folder, 'start.log'), 'w');
  const args = [
    'start',
    '--head',
    '--block',
    `--port=${gcs}`,
    `--dashboard-port=${dashboard}`,
    `--ray-client-server-port=${client}`,
  ].concat([
    `--dashboard-agent-listen-port=${agent}`,
    `--dashboard-agent-grpc-port=${agentGrpc}`,
    `--metrics-export-port=${metrics}`,
    `--temp-dir=${path.join(folder, 't')}`,
    '--dashboard-host=127.0.0.1',
    '--node-ip-address=127.0.0.1',
    '--include-dashboard=true',
    '--num-cpus=2',
    '--object-store-memory=100000000',
    '--disable-usage-stats',
  ]);
  mkdirSync(path.join(folder, 'home'));
  const env = {
    ...process.env,
    HOME: path.join(folder, 'home'),
    OTB_TEST_RAY_MARK: mark,
    RAY_AUTH_MODE: 'token',
    RAY_AUTH_TOKEN: token,
    RAY_DASHBOARD_STARTUP_TIMEOUT_S: `${60 * startMinutes}`,
    RAY_agent_register_timeout_ms: `${60_000 * startMinutes}`,
    RAY_start_timeout_s: `${60 * startMinutes}`,
  };
  for (const name of ['RAY_ADDRESS', 'RAY_API_SERVER_ADDRESS', 'RAY_AUTH_TOKEN_PATH']) delete env[name];
  head = spawn(path.join(venv, 'bin/ray'), args, { env, cwd: folder, detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let ended = false;
  head.once('exit', () => (ended = true));
  head.once('error', () => (ended = true));
  const url = `http://127.0.0.1:${dashboard}`;
  const deadline = Date.now() + 60_000 * startMinutes;
  while (!(await answers(url))) {
    if (ended || Date.now() > deadline) {
      const said = readFileSync(path.join(folder, 'start.log'), 'utf8').trim().split('\n').slice(-20).join('\n');
      throw new Error(`the head of Ray did not come up${ended ? '' : ` within ${startMinutes} minutes`}:\n${said}`);
    }
    await delay(500);
  }
  return url;
}

function answers(url) {
  return fetch(`${url}/api/version`, { headers: { Authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Resolves to the exit code of the tests. */
async function test(url) {
  const env = { ...process.env, OTB_TEST_RAY_URL: url, OTB_TEST_RAY_TOKEN: token };
  const tests = spawn(process.execPath, [path.join(root, 'tools/test.mjs'), 'test/ray/'], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const limit = setTimeout(() => tests.kill('SIGTERM'), 60_000 * testMinutes);
  const [exitCode] = await once(tests, 'exit');
  clearTimeout(limit);
  return exitCode ?? 1;
}

/** Ends the head with all that it has started: each of these processes has the mark of this run in its environment. */
async function end() {
  for (const [signal, milliseconds] of [
    ['SIGTERM', 15_000],
    ['SIGKILL', 5000],
  ]) {
    for (const pid of marked()) kill(pid, signal);
    const deadline = Date.now() + milliseconds;
    while (marked().length > 0 && Date.now() < deadline) await delay(200);
  }
  const left = marked();
  if (left.length > 0) console.error(`otb: these processes of Ray do not end: ${left.join(', ')}`);
  rmSync(folder, { recursive: true, force: true });
}

function marked() {
  if (!existsSync('/proc/self/environ')) return head === undefined || head.exitCode !== null || head.signalCode !== null ? [] : [-head.pid];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`OTB_TEST_RAY_MARK=${mark}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
