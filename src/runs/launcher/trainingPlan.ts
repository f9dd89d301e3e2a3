import os from 'node:os';
import path from 'node:path';
import { mostRuns } from '../../core/config/constraints.ts';
import { isProgram } from '../../core/config/programConfig.ts';
import { lanes } from '../../core/memory/engineLayout.ts';
import { counted } from '../../core/notation.ts';
import { isObject } from '../../core/records/json.ts';
import type { PlannedRun } from '../../core/records/run.ts';

/** A run that waits for its turn: to begin, or to go on. */
export interface QueuedRun extends PlannedRun {
  /** It has begun before, and goes on from its last checkpoint. */
  readonly resumes?: true;
}

/** Runs to be trained, and how. Plain JSON, so that another process can do it. */
export interface TrainingPlan {
  readonly runs: readonly QueuedRun[];
  /** Folder under which each run gets its directory. */
  readonly runsDir: string;
  readonly engine: string;
  /** Most processes at once, those of all other plans in the folder among them. */
  readonly parallel: number;
  /** Threads of each. */
  readonly threads: number;
  readonly cacheDir: string;
  /** What `${python}` stands for in commands; left out: `python3`. */
  readonly python?: string;
  /** By which the file of the queue is called; left out: the group of the first run. */
  readonly group?: string;
}

/** Milliseconds that a run has to answer each request to stop; a step of the built-in trainer takes far less. */
export const stopGraceMs = 15_000;

/** How many runs at once and how many threads each, so that together they use the machine and no more. */
export function shareOfCores(
  runs: number,
  options: { readonly parallel?: number; readonly threads?: number },
): Pick<TrainingPlan, 'parallel' | 'threads'> {
  const cores = os.availableParallelism();
  const parallel = Math.max(1, options.parallel ?? cores);
  const most = Math.max(1, Math.min(runs, parallel));
  return { parallel, threads: options.threads ?? Math.max(1, Math.min(lanes, Math.floor(cores / most))) };
}

/**
 * What users say of runs at once. Programs of which they say nothing take what they take: one at a time, or as many as there are GPUs for
 * where each has its own.
 */
export function withProgramLimit<Limits extends { readonly parallel?: number }>(
  runs: readonly Pick<PlannedRun, 'config'>[],
  limits: Limits,
): Limits & { readonly parallel?: number } {
  const programs = runs.flatMap(({ config }) => (isProgram(config) ? [config] : []));
  if (limits.parallel !== undefined || programs.length === 0) return limits;
  return { ...limits, parallel: programs.some(({ gpus }) => gpus === null) ? 1 : mostRuns };
}

/** How many of its runs a plan has at work at once, where no others are. */
export function atOnce({ runs, parallel }: { readonly runs: readonly unknown[]; readonly parallel: number }): number {
  return Math.max(1, Math.min(runs.length, parallel));
}

/** "2 at once with 4 threads each"; threads are the built-in trainer's: a program takes what it takes. */
export function atOnceText(plan: {
  readonly runs: readonly Pick<PlannedRun, 'config'>[];
  readonly parallel: number;
  readonly threads: number;
}): string {
  const isBuiltin = plan.runs.some(({ config }) => !isProgram(config));
  return `${atOnce(plan)} at once${isBuiltin ? ` with ${counted(plan.threads, 'thread')} each` : ''}`;
}

/** Where warm starts are kept, so that runs of one seed make theirs once. */
export function cacheFolder(cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  return env['OTB_CACHE_DIR'] ?? path.join(cwd, '.otb', 'cache');
}

/** Where a run of a plan has, or will have, its directory. */
export function runDirectory(runsDir: string, run: Pick<PlannedRun, 'id'>): string {
  return path.join(runsDir, run.id);
}

/** Narrows what was JSON. Only this program writes plans, so what a run of one says is not looked at again. */
export function isTrainingPlan(value: unknown): value is TrainingPlan {
  if (!isObject(value) || !isRuns(value['runs'])) return false;
  const { runsDir, engine, parallel, threads, cacheDir, python = '' } = value;
  return (
    [runsDir, engine, cacheDir, python].every((entry) => typeof entry === 'string') &&
    [parallel, threads].every((entry) => typeof entry === 'number')
  );
}

export function isRuns(value: unknown): value is readonly QueuedRun[] {
  return Array.isArray(value) && value.every(isRun);
}

function isRun(value: unknown): boolean {
  return isObject(value) && typeof value['id'] === 'string' && typeof value['group'] === 'string' && isObject(value['config']);
}
