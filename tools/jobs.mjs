// Runs what a check or a test consists of, several at a time, and says in one line each what it was and how long it took.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';

/** "0.4 s", "21 s", "3 min 05 s". */
export function duration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}

/** Milliseconds since its creation, each time it is called. */
export function stopwatch() {
  const start = performance.now();
  return () => performance.now() - start;
}

/** A process's exit code and all that it has printed; `onMessage` hears what it sends over its channel, if there is one. */
export function runProcess(args, { cwd, env = process.env, onMessage } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe', ...(onMessage === undefined ? [] : ['ipc'])],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
    if (onMessage !== undefined) child.on('message', onMessage);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? 1, output: signal === null ? output : `${output}ended by ${signal}\n` }));
  });
}

/**
 * Runs jobs ({ name, run }), `slots` at a time, and prints a line for each that ends: "unit 12/96 cli/inspect.test.ts … 4.1 s". What
 * `run` resolves to is printed below that line where it is not empty.
 */
export async function runJobs(phase, jobs, slots) {
  const waiting = [...jobs];
  let ended = 0;
  const lane = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const elapsed = stopwatch();
      const report = await job.run();
      console.log(`${phase} ${++ended}/${jobs.length} ${job.name} … ${duration(elapsed())}`);
      if (report !== '') console.log(report);
    }
  };
  await Promise.all(Array.from({ length: Math.min(slots, jobs.length) }, lane));
}
