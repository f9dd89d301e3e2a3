import type { AgentToolName } from './agentToolNames.ts';
import type { AgentRuns } from './agentRuns.ts';
import { boundedAnswer } from './answer.ts';
import type { Draft } from './answer.ts';
import { parseInput } from './toolInput.ts';
import type { InputOf, InputSchema } from './toolInput.ts';

/** What the doors are told of a tool. All of it stands in package.json too, which a test holds to it. */
interface ToolInfo<S extends InputSchema = InputSchema> {
  readonly name: AgentToolName;
  readonly title: string;
  /** For models. */
  readonly description: string;
  /** For people. */
  readonly userDescription: string;
  /** By which people refer to it in a prompt: "#otbRuns". */
  readonly reference: string;
  readonly icon: string;
  readonly input: S;
  /** The most bytes of an answer as UTF-8. */
  readonly mostBytes: number;
  /** What it does while it runs: "Summarizing a run". */
  readonly progress: string;
}

/** Something that an agent may ask about runs. Reads, and does nothing else. */
export interface AgentTool extends ToolInfo {
  /** The answer, as `stringify` writes it. Throws an AgentError, or the signal's reason where the call was cancelled. */
  answer(input: unknown, runs: AgentRuns, signal: AbortSignal): Promise<string>;
}

export function agentTool<S extends InputSchema>(
  info: ToolInfo<S>,
  draft: (input: InputOf<S>, runs: AgentRuns, signal: AbortSignal) => Promise<Draft>,
): AgentTool {
  const answer = async (input: unknown, runs: AgentRuns, signal: AbortSignal): Promise<string> =>
    boundedAnswer(await draft(parseInput(info.input, input), runs, signal), info.mostBytes);
  return { ...info, answer };
}
