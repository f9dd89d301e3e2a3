import type { Episode, Prompt, Task } from '../src/trainer/tasks/task.ts';

const end = 0;
const letters = [1, 2, 3] as const;
const maxResponseTokens = 3;

/** One of the 40 responses that the task allows. */
export interface EnumeratedResponse {
  readonly tokens: readonly number[];
  readonly reward: number;
}

/**
 * A task small enough to enumerate: up to three tokens out of `<end> a b c`, over at `<end>`. Reward 1 for a response that ends by
 * itself with exactly two letters, the first of them `a`; 0 otherwise, so that, as in the real thing, long responses fail.
 */
export const twoLetterTask: Task = {
  name: 'two-letter',
  vocabulary: ['<end>', 'a', 'b', 'c'],
  maxPromptTokens: 1,
  maxToolTokens: 0,
  minResponseTokens: 1,
  samplePrompt: (): Prompt => ({ tokens: [end], start: () => new TwoLetterEpisode() }),
  demonstrate: () => ({ tokens: [1, 2, end], isAction: [true, true, true] }),
};

class TwoLetterEpisode implements Episode {
  reward = 0;
  readonly turns = 0;
  private readonly tokens: number[] = [];

  act(token: number): 'continues' | 'ended' | 'truncated' {
    this.tokens.push(token);
    this.reward = rewardOf(this.tokens);
    if (token === end) return 'ended';
    return this.tokens.length === maxResponseTokens ? 'truncated' : 'continues';
  }
}

function rewardOf(tokens: readonly number[]): number {
  return tokens.length === 3 && tokens[2] === end && tokens[0] === 1 ? 1 : 0;
}

/** Every response, each once. */
export function allResponses(): readonly EnumeratedResponse[] {
  const responses: EnumeratedResponse[] = [];
  const extend = (prefix: readonly number[]): void => {
    for (const token of [end, ...letters]) {
      const tokens = [...prefix, token];
      if (token === end || tokens.length === maxResponseTokens) responses.push({ tokens, reward: rewardOf(tokens) });
      else extend(tokens);
    }
  };
  extend([]);
  return responses;
}
