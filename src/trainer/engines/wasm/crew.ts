import { setImmediate, setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { PolicyConfig } from '../../../core/config/config.ts';
import { lanes, sharesOf, type Layout } from '../../../core/memory/engineLayout.ts';
import type { RolloutRequest } from '../engine.ts';
import type { LaneRunner } from './lane.ts';

/** One piece of work for all threads: every part of it is done once, by whichever thread is free. */
export type Job =
  | { readonly kind: 'rollout'; readonly request: RolloutRequest }
  | { readonly kind: 'forward' | 'backward'; readonly sequences: number; readonly temperature: number };

/** What a worker thread is given to build its own copy of the engine. */
export interface WorkerStart {
  readonly memory: WebAssembly.Memory;
  readonly kernels: WebAssembly.Module;
  readonly capacity: Layout['capacity'];
  readonly policy: PolicyConfig;
  readonly taskSpec: unknown;
  readonly thread: number;
}

// Control words, int32: jobs are numbered; a worker sleeps until the number changes.
const words = { job: 0, nextPart: 1, finished: 2, failed: 3, ready: 4, kind: 5 } as const;
const jobWords = 8;
/** Milliseconds without progress of any thread after which the engine checks whether one has ended. */
const silenceMs = 1000;
const kinds = ['rollout', 'forward', 'backward', 'exit'] as const;

/** The job's numbers travel in the shared memory itself, as float64, so that starting a job costs no message. */
function writeJob(control: Int32Array, numbers: Float64Array, job: Job): void {
  control[words.kind] = kinds.indexOf(job.kind);
  if (job.kind === 'rollout') {
    const { seed, step, promptsPerStep, groupSize, maxResponseTokens, temperature } = job.request;
    numbers.set([seed, step, promptsPerStep, groupSize, maxResponseTokens, temperature]);
  } else {
    numbers.set([job.sequences, job.temperature]);
  }
}

function readJob(control: Int32Array, n: Float64Array): Job | undefined {
  const kind = kinds[control[words.kind]!]!;
  if (kind === 'exit') return undefined;
  if (kind === 'rollout') {
    return {
      kind,
      request: { seed: n[0]!, step: n[1]!, promptsPerStep: n[2]!, groupSize: n[3]!, maxResponseTokens: n[4]!, temperature: n[5]! },
    };
  }
  return { kind, sequences: n[0]!, temperature: n[1]! };
}

function controlArrays(buffer: ArrayBufferLike, layout: Layout): { control: Int32Array; numbers: Float64Array } {
  return { control: new Int32Array(buffer, layout.control, jobWords), numbers: new Float64Array(buffer, layout.control + 4 * jobWords, 8) };
}

/** Takes parts of the job, one at a time, until none is left: shares of a rollout, lanes of everything else. */
function workOn(job: Job, control: Int32Array, runner: LaneRunner, threads: number): void {
  const parts = job.kind === 'rollout' ? sharesOf(job.request.promptsPerStep * job.request.groupSize, threads) : lanes;
  for (let part = Atomics.add(control, words.nextPart, 1); part < parts; part = Atomics.add(control, words.nextPart, 1)) {
    if (job.kind === 'rollout') runner.rollout(part, parts, job.request);
    else runner[job.kind](part, job.sequences, job.temperature);
  }
}

/** The life of a worker thread: wait for a job, work on its parts until none is left, say so. */
export function serveJobs(layout: Layout, buffer: ArrayBufferLike, runner: LaneRunner): void {
  const { control, numbers } = controlArrays(buffer, layout);
  Atomics.add(control, words.ready, 1);
  Atomics.notify(control, words.ready);
  for (let seen = 0; ;) {
    Atomics.wait(control, words.job, seen);
    seen = Atomics.load(control, words.job);
    const job = readJob(control, numbers);
    if (!job) return;
    try {
      workOn(job, control, runner, layout.capacity.threads);
    } catch (error) {
      console.error(error);
      Atomics.store(control, words.failed, 1);
    }
    Atomics.add(control, words.finished, 1);
    Atomics.notify(control, words.finished);
  }
}

/** The threads of an engine: the calling one and `threads − 1` workers. */
export class Crew {
  private readonly control: Int32Array;
  private readonly numbers: Float64Array;
  private readonly workers: Worker[] = [];
  /** Why a thread ended without being told to; the first one's reason. */
  private loss: Error | undefined;

  private constructor(
    layout: Layout,
    buffer: ArrayBufferLike,
    private readonly runner: LaneRunner,
  ) {
    ({ control: this.control, numbers: this.numbers } = controlArrays(buffer, layout));
  }

  /** `workerFile`: a module that calls `serveJobs`. */
  static async start(layout: Layout, runner: LaneRunner, workerFile: string, start: Omit<WorkerStart, 'thread'>): Promise<Crew> {
    const crew = new Crew(layout, start.memory.buffer, runner);
    for (let thread = 1; thread < layout.capacity.threads; thread++) {
      crew.add(new Worker(workerFile, { workerData: { ...start, thread } satisfies WorkerStart }));
    }
    try {
      await crew.ready();
    } catch (error) {
      await crew.stop();
      throw error;
    }
    for (const worker of crew.workers) worker.unref();
    return crew;
  }

  private add(worker: Worker): void {
    worker.once('error', (error) => (this.loss ??= new Error(`A worker thread is gone: ${error.message}`, { cause: error })));
    worker.once('exit', (code) => (this.loss ??= new Error(`A worker thread is gone: it ended with exit code ${code}`)));
    this.workers.push(worker);
  }

  private async ready(): Promise<void> {
    while (Atomics.load(this.control, words.ready) < this.workers.length) {
      await setTimeout(1);
      if (this.loss) throw this.loss;
    }
  }

  /** Runs a job on all threads and settles when every part is done. Rejects if a thread failed, or is gone. */
  async run(job: Job): Promise<void> {
    const { control } = this;
    writeJob(control, this.numbers, job);
    control[words.nextPart] = 0;
    control[words.finished] = 0;
    Atomics.add(control, words.job, 1);
    Atomics.notify(control, words.job);
    workOn(job, control, this.runner, this.workers.length + 1);
    for (
      let finished = Atomics.load(control, words.finished);
      finished < this.workers.length;
      finished = Atomics.load(control, words.finished)
    ) {
      if (Atomics.wait(control, words.finished, finished, silenceMs) !== 'timed-out') continue;
      // The end of a thread is an event: it arrives only while this one yields to the event loop.
      await setImmediate();
      if (this.loss) throw this.loss;
    }
    if (Atomics.load(control, words.failed) === 1) throw new Error(`A worker thread failed in a ${job.kind}; its error stands above.`);
  }

  async stop(): Promise<void> {
    this.control[words.kind] = kinds.indexOf('exit');
    Atomics.add(this.control, words.job, 1);
    Atomics.notify(this.control, words.job);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }
}
