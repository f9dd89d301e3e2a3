import { Random } from '../../core/random.ts';

/**
 * The random streams of a training run, named by seed, purpose, step and index instead of stored: a resumed run and another engine
 * draw the same numbers, and no sequence depends on how the others are scheduled.
 */
export const streams = {
  /** Initial parameters. */
  parameters: (seed: number): Random => new Random(seed, 1),
  /** The prompt of one group. */
  prompt: (seed: number, step: number, group: number): Random => new Random(seed, 2, step, group),
  /** The environment of one sequence: which of its tool calls fail. */
  environment: (seed: number, step: number, sequence: number): Random => new Random(seed, 3, step, sequence),
  /** The tokens of one sequence: one uniform number for every action token. */
  tokens: (seed: number, step: number, sequence: number): Random => new Random(seed, 4, step, sequence),
} as const;
