import { appendFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RayJob } from '../../src/supervisor/rayJob.ts';
import type { RayJobOptions } from '../../src/supervisor/rayJob.ts';
import type { Pace } from '../../src/supervisor/pace.ts';
import { eventually, temporaryFolder } from '../runs/exampleRun.ts';

/** Where jobs are submitted. */
export interface Cluster {
  readonly url: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly pace: Pace;
}

/** Time that passes forty times as fast. */
export const quickPace: Pace = {
  now: () => 40 * performance.now(),
  pause: (milliseconds, signal) => delay(milliseconds / 40, undefined, { signal }).catch(() => undefined),
};

const begun: RayJob[] = [];
// One whose test has failed would be followed for ever.
after(() => begun.forEach((job) => job.stop()));

export interface FollowedJob {
  readonly job: RayJob;
  readonly runDir: string;
  readonly notices: readonly string[];
  /** What is in the run's stdout.log. */
  output(): string;
  readonly end: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly reason: string;
    readonly message: string;
  }>;
}

/** A job that is followed as a supervisor does it, in a run directory of its own unless one is given. */
export function followedJob(
  { url, environment, pace }: Cluster,
  command: readonly string[],
  changes: Partial<RayJobOptions> = {},
): FollowedJob {
  const runDir = changes.runDir ?? path.join(temporaryFolder(), '20260102-030405-example-grpo-s1');
  mkdirSync(runDir, { recursive: true });
  const stdout = path.join(runDir, 'stdout.log');
  appendFileSync(stdout, '');
  const options: RayJobOptions = {
    runDir,
    command,
    estimator: 'grpo',
    seed: 1,
    group: 'example',
    env: {},
    cwd: runDir,
    runtimeEnv: {},
    metadata: {},
    entrypointResources: { cpus: null, gpus: null, memory: null, resources: null },
    address: url,
    headers: {},
    environment,
    host: 'test host',
    isResumed: false,
    canSubmitAgain: true,
    stopSeconds: 60,
    folder: () => runDir,
    outputSize: () => statSync(stdout).size,
    python: 'python3',
    lastStep: () => null,
    earlierStep: null,
    ...changes,
  };
  const job = new RayJob(options, pace);
  begun.push(job);
  const notices: string[] = [];
  void job.start({ onOutput: (_stream, chunk) => appendFileSync(stdout, chunk), onNotice: (sentence) => void notices.push(sentence) });
  const end = job.ended.then((ended) => ({ code: ended.code, signal: ended.signal, ...ended.describe() }));
  return { job, runDir, notices, output: () => readFileSync(stdout, 'utf8'), end };
}

/** Waits until a job has printed something. */
export function untilPrinted(followed: FollowedJob, text: string): Promise<void> {
  return before(followed, () => followed.output().includes(text), `"${text}" in the output`);
}

/** Waits until something has been told of a job. */
export function untilTold(followed: FollowedJob, text: RegExp): Promise<void> {
  return before(followed, () => followed.notices.some((notice) => text.test(notice)), `told: ${text.source}`);
}

/** Waits until something holds; fails where the job ends before. */
async function before(followed: FollowedJob, holds: () => boolean, what: string): Promise<void> {
  const over = followed.end.then((end) => {
    if (!holds()) throw new Error(`ended before ${what}: ${end.message}\n${followed.output()}`);
  });
  await Promise.race([over, eventually(holds, what)]);
}
