import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runFiles } from '../core/records/run.ts';
import type { CommandContext } from './context.ts';
import { failed } from './exit.ts';
import { count } from './quantities.ts';
import type { TrainingPlan } from './training.ts';
import { plannedRuns } from './training.ts';

/** Milliseconds that the first run has to begin. */
const startLimit = 60_000;

/**
 * Leaves a plan to a process of its own, which starts the runs a few at once, and returns when the first has begun. What that
 * process has to say goes into a log file beside the run directories.
 */
export async function detach(plan: TrainingPlan, json: boolean, { output, root }: CommandContext): Promise<void> {
  const log = path.join(plan.runsDir, `${plan.runs[0]?.group ?? 'runs'}.log`);
  const runs = plannedRuns(plan).map(({ dir, estimator, seed, steps }) => ({ dir, estimator, seed, steps, process: 'waiting' }));
  mkdirSync(plan.runsDir, { recursive: true });
  const descriptor = openSync(log, 'a');
  const child = spawn(process.execPath, [path.join(root, 'dist', 'otb.mjs'), 'queue'], { detached: true, stdio: ['pipe', descriptor, descriptor], windowsHide: true });
  closeSync(descriptor);
  const ended = new Promise<true>((resolve) => child.once('error', () => resolve(true)).once('exit', () => resolve(true)));
  // A process that dies early closes the pipe; that it died is seen below.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(JSON.stringify(plan));
  const deadline = Date.now() + startLimit;
  const begun = () => runs.some(({ dir }) => existsSync(path.join(dir, runFiles.run)));
  while (!begun()) {
    if ((await Promise.race([ended, delay(50)])) === true && !begun()) throw failed(`no run began; see ${log}`);
    if (Date.now() > deadline) throw failed(`no run began within ${startLimit / 1000} s; see ${log}`);
  }
  child.unref();
  if (json) output.printJson({ runs, pid: child.pid ?? null, log });
  else output.print(runs.map(({ dir }) => dir).join('\n'));
  output.note(`${count(runs.length, 'run')} in the background, ${plan.parallel} at once. Progress: ${log}. Follow: otb watch ${plan.runsDir}. Stop them all: kill ${child.pid ?? ''}`);
}
