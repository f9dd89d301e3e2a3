import type { PolicyConfig } from '../../../src/core/config/config.ts';
import type { AdamStep, GivenSequence, RolloutRequest } from '../../../src/trainer/engines/engine.ts';
import type { Episode, Task } from '../../../src/trainer/tasks/task.ts';

/** Ends at token 0, answers token 1 with two tool tokens; lengths vary, and so do the places of the actions. */
export const task: Task = {
  name: 'chatty',
  vocabulary: Array.from({ length: 12 }, (_, token) => `t${token}`),
  maxPromptTokens: 3,
  maxToolTokens: 2,
  minResponseTokens: 1,
  samplePrompt: (random) => ({
    tokens: Array.from({ length: 2 + random.integer(2) }, () => random.integer(12)),
    start: (limit, stream): Episode => {
      let length = 0;
      let turns = 0;
      return {
        get turns() {
          return turns;
        },
        get reward() {
          return length;
        },
        act(token, toolTokens) {
          length++;
          if (token === 0) return 'ended';
          if (token === 1) {
            turns++;
            toolTokens.push(2, stream.integer(12));
            length += 2;
          }
          return length >= limit ? 'truncated' : 'continues';
        },
      };
    },
  }),
  demonstrate: () => ({ tokens: [], isAction: [] }),
};

export const maxResponseTokens = 5;
export const request: RolloutRequest = { seed: 5, step: 3, promptsPerStep: 3, groupSize: 4, maxResponseTokens, temperature: 0.7 };
export const policies: readonly PolicyConfig[] = [
  { kind: 'gru', width: 8, truncateBackpropEvery: null },
  { kind: 'gru', width: 8, truncateBackpropEvery: 3 },
  { kind: 'transformer', width: 8, layers: 2, heads: 2 },
];
export const given: readonly GivenSequence[] = [
  { tokens: [3, 4, 5, 6, 1, 2, 7, 0], promptLength: 2, isAction: [true, true, true, false, false, true] },
  { tokens: [8, 9, 10], promptLength: 1, isAction: [true, true] },
  { tokens: [11, 0, 3, 3, 1], promptLength: 3, isAction: [true, false] },
];
/** Epsilon is large, because the gradient of a key bias is nothing but rounding, which a small one would blow up to a whole step. */
export const adam: AdamStep = { learningRate: 0.05, gradientScale: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-3, update: 1 };
