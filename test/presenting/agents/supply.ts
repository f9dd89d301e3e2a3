import type { TestContext } from 'node:test';
import { AgentRuns } from '../../../src/presenting/agents/agentRuns.ts';
import { agentTools } from '../../../src/presenting/agents/agentTools.ts';
import type { AgentToolName } from '../../../src/presenting/agents/agentToolNames.ts';
import { ThreadedBulkReader } from '../../../src/runs/columns/bulkReader.ts';
import { RunCatalog } from '../../../src/runs/catalog/runCatalog.ts';

import { workerFile } from '../../runs/columns/builtReader.ts';

/** What agents get to know of the runs in some folders. */
export interface Asked {
  readonly runs: AgentRuns;
  readonly ask: (name: AgentToolName, input?: unknown) => Promise<Record<string, unknown>>;
  readonly text: (name: AgentToolName, input?: unknown) => Promise<string>;
}

/** Agents' runs in these folders and files, as `otb mcp` has them; in the folders named as such, links to run directories count. */
export function asked(test: TestContext, places: readonly string[], folders: readonly string[] = []): Asked {
  const catalog = new RunCatalog({ onChange: () => undefined, gatherMs: 5 });
  test.after(() => catalog.close());
  catalog.setFolders(folders, places);
  const runs = new AgentRuns({
    get ready() {
      return catalog.ready;
    },
    get all() {
      return catalog.runs;
    },
    folders: [...places, ...folders],
    placeOf: (id) => catalog.placeOf(id),
    bulk: new ThreadedBulkReader(workerFile, fail),
  });
  const text = (name: AgentToolName, input: unknown = {}): Promise<string> =>
    agentTools[name].answer(input, runs, new AbortController().signal);
  return { runs, text, ask: async (name, input) => JSON.parse(await text(name, input)) as Record<string, unknown> };
}

function fail(error: Error): never {
  throw error;
}
