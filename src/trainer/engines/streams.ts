import { Random } from '../../core/random.ts';

/**
 * The named random streams of a run. Every draw belongs to a stream named by seed, purpose, step and index, so that results do
 * not depend on the number of threads, and a resumed run needs no generator state.
 */
const purposes = { initialization: 1, prompt: 2, episode: 3, sampling: 4, demonstration: 5 } as const;

export function randomStream(seed: number, purpose: keyof typeof purposes, step = 0, index = 0): Random {
  return new Random(seed, purposes[purpose], step, index);
}
