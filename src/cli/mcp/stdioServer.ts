import process from 'node:process';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { CallToolRequestSchema, ErrorCode, ListToolsRequestSchema, McpError } from '@modelcontextprotocol/sdk/types.js';

/** What is served: tools as the protocol lists them, and what answers their calls. */
export interface ServedTools {
  readonly version: string;
  /** For the model: what the server is for. */
  readonly instructions: string;
  readonly tools: readonly {
    readonly name: string;
    readonly title: string;
    readonly description: string;
    readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown };
  }[];
  /** Undefined: there is no such tool. Rejects where it is cancelled, or where something is wrong with the program. */
  readonly call: (
    name: string,
    input: unknown,
    signal: AbortSignal,
  ) => Promise<{ readonly text: string; readonly isError: boolean } | undefined>;
  /** Hears of messages that are none, and of calls that failed. */
  readonly onError: (error: Error) => void;
}

/**
 * Serves tools over standard input and output until standard input ends; calls that came before that are still answered. Nothing else
 * may be written to standard output meanwhile.
 */
export async function serveStdio({ version, instructions, tools, call, onError }: ServedTools): Promise<void> {
  const server = new Server({ name: 'otb-run-inspector', version }, { capabilities: { tools: {} }, instructions });
  const pending = new Set<Promise<unknown>>();
  server.onerror = onError;
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map((tool) => ({ ...tool, annotations: { title: tool.title, ...onlyReads } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { signal }) => {
    const answering = call(params.name, params.arguments, signal);
    pending.add(answering);
    try {
      const answer = await answering;
      if (!answer)
        throw new McpError(
          ErrorCode.InvalidParams,
          `There is no tool "${params.name}". There are ${tools.map(({ name }) => name).join(', ')}.`,
        );
      return { content: [{ type: 'text', text: answer.text }], isError: answer.isError };
    } catch (error) {
      if (!signal.aborted && !(error instanceof McpError)) onError(error as Error);
      throw error;
    } finally {
      pending.delete(answering);
    }
  });
  const ended = new Promise<void>((resolve) => process.stdin.once('end', resolve).once('close', resolve));
  await server.connect(new StdioServerTransport());
  await ended;
  // A message that came just before the end has been handed to its handler by then.
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.allSettled(pending);
  await new Promise((resolve) => setImmediate(resolve));
  await server.close();
}

const onlyReads = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false } as const;
