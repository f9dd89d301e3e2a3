import type { TaskSize } from '../../core/memory/taskSizes.ts';
import type { Random } from '../../core/random.ts';

/** An environment for a token policy: what it is asked, what its tools answer, and what its answer is worth. */
export interface Task extends Omit<TaskSize, 'vocabulary'> {
  readonly name: string;
  /** Token strings; a token is an index into it. */
  readonly vocabulary: readonly string[];
  samplePrompt(random: Random): Prompt;
  /** A noisy demonstration for the warm start, at most `maxResponseTokens` response tokens long. */
  demonstrate(prompt: Prompt, maxResponseTokens: number, random: Random): Demonstration;
}

export interface Prompt {
  readonly tokens: readonly number[];
  /** One attempt at this prompt; `random` decides which tool calls fail. */
  start(maxResponseTokens: number, random: Random): Episode;
}

export interface Episode {
  /**
   * Takes one action token; pushes the tool's tokens, if any, onto `toolTokens`. The response then consists of the action
   * token followed by these.
   */
  act(token: number, toolTokens: number[]): 'continues' | 'ended' | 'truncated';
  /** Terminal reward; 0 until the episode has ended. */
  readonly reward: number;
  /** Tool calls made so far, failed ones included. */
  readonly turns: number;
}

export interface Demonstration {
  /** Response tokens. */
  readonly tokens: readonly number[];
  /** For each response token, whether the policy is to learn it (else it is tool output). */
  readonly isAction: readonly boolean[];
}
