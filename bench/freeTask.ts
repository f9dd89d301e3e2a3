import type { Task } from '../src/trainer/tasks/task.ts';

const vocabularySize = 48;

/** No environment to speak of: from one start token, every response runs to the limit and earns a random reward. */
export const freeTask: Task = {
  name: 'free',
  vocabulary: Array.from({ length: vocabularySize }, (_, token) => String(token)),
  maxPromptTokens: 1,
  maxToolTokens: 0,
  minResponseTokens: 1,
  samplePrompt: () => ({
    tokens: [0],
    start(maxResponseTokens, random) {
      let length = 0;
      return { reward: random.uniform(), turns: 0, act: () => (++length < maxResponseTokens ? 'continues' : 'truncated') };
    },
  }),
  demonstrate(_prompt, maxResponseTokens, random) {
    const tokens = Array.from({ length: maxResponseTokens }, () => random.integer(vocabularySize));
    return { tokens, isAction: tokens.map(() => true) };
  },
};
