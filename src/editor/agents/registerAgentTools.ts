import { CancellationError, Disposable, LanguageModelTextPart, LanguageModelToolResult, lm } from 'vscode';
import type { CancellationToken, LanguageModelTool, LogOutputChannel } from 'vscode';
import { agentToolNames } from '../../presenting/agents/agentToolNames.ts';
import type { AgentToolName } from '../../presenting/agents/agentToolNames.ts';
import type { RunSupply } from '../../presenting/agents/agentRuns.ts';
import type { Programs } from '../programs.ts';
import { late } from '../late.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

/**
 * What agents in VS Code may ask about the runs of this window; package.json says what for. All of it only reads, so nobody is asked
 * for a confirmation beyond what VS Code itself asks for, and it is there in a workspace that is not trusted, too.
 */
export function registerAgentTools(runs: WorkspaceRuns, programs: Programs, log: LogOutputChannel): Disposable {
  const loaded = late(async () => {
    const [{ agentTools }, { AgentRuns }, { AgentError }, { ThreadedBulkReader }] = await Promise.all([
      import('../../presenting/agents/agentTools.ts'),
      import('../../presenting/agents/agentRuns.ts'),
      import('../../presenting/agents/agentError.ts'),
      import('../../runs/columns/bulkReader.ts'),
    ]);
    const bulk = new ThreadedBulkReader(programs.reader, ({ message }) => log.warn(`Long runs are read slowly: ${message}`));
    const supply: RunSupply = {
      get ready() {
        return runs.ready;
      },
      get all() {
        return runs.all;
      },
      get folders() {
        return runs.folders;
      },
      placeOf: (id) => runs.placeOf(id),
      bulk,
    };
    return { agentTools, agentRuns: new AgentRuns(supply), AgentError };
  });
  const tool = (name: AgentToolName): LanguageModelTool<unknown> => ({
    prepareInvocation: async () => ({ invocationMessage: (await loaded()).agentTools[name].progress }),
    invoke: async ({ input }, token) => {
      const { agentTools, agentRuns, AgentError } = await loaded();
      try {
        const answer = await agentTools[name].answer(input, agentRuns, signalOf(token));
        return new LanguageModelToolResult([new LanguageModelTextPart(answer)]);
      } catch (error) {
        // What the agent did wrong is for the agent; anything else is a mistake of ours.
        if (!(error instanceof AgentError) && !token.isCancellationRequested) log.error(`${name}: ${String(error)}`);
        throw error;
      }
    },
  });
  return Disposable.from(...agentToolNames.map((name) => lm.registerTool(name, tool(name))));
}

function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  const cancel = (): void => controller.abort(new CancellationError());
  if (token.isCancellationRequested) cancel();
  else token.onCancellationRequested(cancel);
  return controller.signal;
}
