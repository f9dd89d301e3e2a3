import process from 'node:process';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { otbEntry } from '../otb.ts';

/** What a tool has answered. */
export interface ToolAnswer {
  readonly json: Record<string, unknown>;
  readonly text: string;
  readonly isError: boolean;
}

/** A client of the official SDK, connected to `otb mcp`. */
export class McpClient {
  private said = '';

  private constructor(
    readonly client: Client,
    private readonly transport: StdioClientTransport,
  ) {
    transport.stderr?.on('data', (chunk: Buffer) => (this.said += chunk.toString()));
  }

  static async start(paths: readonly string[], cwd?: string): Promise<McpClient> {
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [otbEntry, 'mcp', ...paths],
      stderr: 'pipe',
      ...(cwd !== undefined && { cwd }),
    });
    const client = new Client({ name: 'otb-test', version: '1.0.0' });
    const started = new McpClient(client, transport);
    await client.connect(transport);
    return started;
  }

  /** What the server has written to standard error so far. */
  get stderr(): string {
    return this.said;
  }

  get pid(): number | null {
    return this.transport.pid;
  }

  async call(name: string, input: Record<string, unknown> = {}, signal?: AbortSignal): Promise<ToolAnswer> {
    const { content, isError } = await this.client.callTool({ name, arguments: input }, undefined, signal && { signal });
    const [first] = content as readonly { readonly type: string; readonly text: string }[];
    if (first?.type !== 'text') throw new Error('the answer is no text');
    return { text: first.text, json: JSON.parse(first.text) as Record<string, unknown>, isError: isError === true };
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
