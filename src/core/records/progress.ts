import { counted, percentText, roughDurationText } from '../notation.ts';
import { mean } from '../statistics/quantiles.ts';
import type { ExitRecord } from './run.ts';
import { hasEnded, isLive } from './runState.ts';
import type { RunPhase } from './runState.ts';

/** How far a run is, and how fast. NaN: not known. */
export interface RunProgress {
  readonly process: RunPhase;
  readonly exit?: Pick<ExitRecord, 'reason'> | null | undefined;
  /** Last finished step; 0 before the first. */
  readonly step: number;
  /** Steps that it is to take. */
  readonly steps: number;
  /** Over its last steps. */
  readonly stepsPerSecond: number;
  /** Share of the warm start that is done, while it is under way. */
  readonly warmStart: number;
  /** Seconds from the start of its process to its first step. */
  readonly startupSeconds: number;
  /** Its process has ended, and how is not known yet. */
  readonly isEnding?: boolean;
}

/** "warm start 25 %", "step 12/600", "600 steps", "stopped at step 12/600": what a run's process does, or how it ended. */
export function progressWords(run: RunProgress): string {
  const { process, step, exit } = run;
  const at = `step ${Number.isNaN(run.steps) ? step : `${step}/${run.steps}`}`;
  switch (process) {
    case 'starting':
      return startWords(run);
    case 'running':
      return at;
    case 'finished':
      return exit?.reason === 'completed' ? counted(step, 'step') : `ended at ${at}`;
    case 'waiting':
    case 'cancelled':
      return waitingWords(process);
    case 'stopped':
    case 'failed':
    case 'lost':
    case 'idle':
      return step === 0 ? `${process} before the first step` : `${process} at ${at}`;
  }
}

/** Of a run before its first step: "starting", "warm start 25 %". */
export function startWords({ warmStart }: Pick<RunProgress, 'warmStart'>): string {
  return Number.isNaN(warmStart) ? 'starting' : `warm start ${percentText(warmStart)}`;
}

/** Of a run whose turn has not come, or will not. */
export function waitingWords(phase: 'waiting' | 'cancelled'): string {
  return phase === 'waiting' ? 'waiting' : 'never started';
}

/** "3 min left"; empty where that is not known. */
export function leftWords(seconds: number): string {
  return seconds > 0 && seconds < Infinity ? `${roughDurationText(seconds)} left` : '';
}

/** Seconds until the last step of a run at its present speed; NaN where that is not known, and for a run that takes no more steps. */
export function secondsLeft({ process, step, steps, stepsPerSecond, isEnding = false }: RunProgress): number {
  return process === 'running' && !isEnding && step < steps && stepsPerSecond > 0 ? (steps - step) / stepsPerSecond : Number.NaN;
}

/**
 * Seconds until the last of all runs has ended; NaN where that is not known. A run that has not begun takes as long as the others did to
 * their first step, warm start included, and then goes as fast as they do.
 *
 * @param parallel runs at once; left out: as many as are at work now.
 */
export function secondsLeftOfAll(runs: readonly RunProgress[], parallel = runs.filter(isLive).length): number {
  const ahead = runs.filter((run) => !isOver(run)).map((run) => ({ run, left: secondsLeft(run) }));
  if (ahead.length === 0) return Number.NaN;
  const speed = mean(ahead.filter(({ left }) => left > 0).map(({ run }) => run.stepsPerSecond));
  const startup = mean(runs.map(({ startupSeconds }) => startupSeconds).filter(Number.isFinite)) || 0;
  const left = ahead.map(({ run, left: known }) => {
    if (known > 0) return known;
    const untilFirst = run.step > 0 ? 0 : startup * (1 - (run.warmStart || 0));
    return untilFirst + (run.steps - run.step) / speed;
  });
  const sum = left.reduce((total, seconds) => total + seconds, 0);
  return Math.max(sum / Math.max(1, Math.min(parallel, ahead.length)), ...left);
}

function isOver(run: RunProgress): boolean {
  return run.isEnding === true || run.process === 'cancelled' || hasEnded(run);
}
