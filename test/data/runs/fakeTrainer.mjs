// Stands in for the trainer process in tests of the launcher: speaks its protocol with a run directory, and trains nothing.
// FAKE_TRAINER says how it behaves: finish (after config.steps steps), run (until asked to stop), deaf (never looks at control/),
// stubborn (nor at SIGTERM), die (before there is a run), silent (never begins one).
import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const mode = process.env.FAKE_TRAINER ?? 'finish';
const request = JSON.parse(readFileSync(0, 'utf8'));
const inRun = (...names) => path.join(request.runDir, ...names);
console.log(`${request.kind} ${mode} in ${process.cwd()}`);
if (mode === 'die') {
  console.error('first line\nno device for this engine');
  process.exit(3);
}
if (mode === 'silent') setInterval(() => {}, 1000);
else train();

/** As the trainer does: readers find all of it or nothing. */
function writeWhole(name, text) {
  writeFileSync(inRun(`${name}.tmp`), text);
  renameSync(inRun(`${name}.tmp`), inRun(name));
}

/** One process works on a run: takes its lock, or ends where a living process has it. */
function lock(identity) {
  const newest = readdirSync(request.runDir)
    .filter((name) => name.startsWith('run.lock.'))
    .map((name) => Number(name.slice('run.lock.'.length)))
    .reduce((a, b) => Math.max(a, b), 0);
  const holder = newest > 0 ? JSON.parse(readFileSync(inRun(`run.lock.${newest}`), 'utf8')) : undefined;
  if (holder && existsSync(`/proc/${holder.pid}`)) process.exit(1);
  try {
    writeFileSync(inRun(`run.lock.${newest + 1}`), JSON.stringify({ ...identity, host: os.hostname() }), { flag: 'wx' });
  } catch {
    process.exit(1);
  }
}

function startTime() {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${ticks}`;
}

function train() {
  const identity = { pid: process.pid, processStartTime: startTime() };
  lock(identity);
  const time = () => Date.now() / 1000;
  let step = 0;
  if (mode === 'stubborn') process.on('SIGTERM', () => console.log('no'));
  mkdirSync(inRun('control'), { recursive: true });
  if (request.kind === 'start') {
    const host = { host: os.hostname(), engine: 'fake', device: 'none', engineReason: 'test', createdAt: new Date().toISOString() };
    writeWhole('run.json', JSON.stringify({ ...request.run, ...identity, ...host, schemaVersion: 1, command: process.argv }));
  } else {
    rmSync(inRun('exit.json'), { force: true });
    rmSync(inRun('control', 'stop'), { force: true });
    step = readFileSync(inRun('metrics.jsonl'), 'utf8').split('\n').length - 1;
  }
  appendFileSync(inRun('events.jsonl'), `${JSON.stringify({ type: 'started', step, time: time(), data: identity })}\n`);
  const { config } = JSON.parse(readFileSync(inRun('run.json'), 'utf8'));
  const end = (reason) => {
    writeWhole('exit.json', JSON.stringify({ code: 0, signal: null, lastStep: step, reason, message: reason, time: time() }));
    process.exit(0);
  };
  setInterval(() => {
    step++;
    appendFileSync(inRun('metrics.jsonl'), `${JSON.stringify({ step, time: time(), data: { 'actor/grad_norm': 1, 'critic/score/mean': 0.5 } })}\n`);
    if ((mode === 'run' || mode === 'finish') && existsSync(inRun('control', 'stop'))) end('stopped');
    if (mode === 'finish' && step >= config.steps) end('completed');
  }, 10);
}
