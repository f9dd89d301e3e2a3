import type { TaskConfig } from '../config/config.ts';

/** What a task asks of memory. */
export interface TaskSize {
  /** Number of tokens. */
  readonly vocabulary: number;
  /** Tokens of the longest prompt. */
  readonly maxPromptTokens: number;
  /** Most tool tokens that follow one action token. */
  readonly maxToolTokens: number;
  /** Response tokens of the shortest complete turn; a shorter limit makes no sense. */
  readonly minResponseTokens: number;
}

/** The ledger: `<bos> d op d` is its prompt, `<call> x op y </call>` a call, `<res> r op d` the longest answer of its tool. */
export const taskSizes: Readonly<Record<TaskConfig['name'], TaskSize>> = {
  ledger: { vocabulary: 24, maxPromptTokens: 4, maxToolTokens: 4, minResponseTokens: 9 },
};

/** Longest sequence of a task: prompt, response and the tool's last answer. */
export function maxTokensOf({ maxPromptTokens, maxToolTokens }: Omit<TaskSize, 'vocabulary'>, maxResponseTokens: number): number {
  return maxPromptTokens + maxResponseTokens + maxToolTokens;
}
