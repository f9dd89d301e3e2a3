import { existsSync, readFileSync, readdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type * as vscode from 'vscode';
import { patience, until } from './until.ts';

export type Vscode = typeof vscode;
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** The extension host process of one window, in which the probe (test/e2e/probe) evaluates functions. */
export class ExtensionHost {
  constructor(
    readonly pid: number,
    private readonly socketPath: string,
  ) {}

  /**
   * Runs `work` inside the extension host and returns its JSON result. Only its source travels: it sees `vscode`, its arguments and
   * Node's globals, and nothing of the file around it.
   */
  async evaluate<Args extends readonly Json[], Result>(
    work: (api: Vscode, ...args: Args) => Result | PromiseLike<Result>,
    ...args: Args
  ): Promise<Result> {
    const reply = await this.exchange(JSON.stringify({ source: work.toString(), args }));
    const { value, error } = JSON.parse(reply) as { value?: Result; error?: string };
    if (error !== undefined) throw new Error(`in the extension host: ${error}`);
    return value as Result;
  }

  isRunning(): boolean {
    return existsSync(`/proc/${this.pid}`);
  }

  /** Ends the process as a crash would. */
  kill(): void {
    process.kill(this.pid, 'SIGKILL');
  }

  private exchange(request: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.socketPath);
      let reply = '';
      socket.setEncoding('utf8');
      socket.setTimeout(patience, () => socket.destroy(new Error(`the extension host has not answered for ${patience / 1000} s`)));
      socket.on('data', (chunk: string) => (reply += chunk));
      socket.on('error', reject);
      socket.on('close', () => (reply === '' ? reject(new Error('the extension host ended before it answered')) : resolve(reply)));
      socket.end(request);
    });
  }
}

/** The extension hosts that have announced themselves in a folder. */
export class ExtensionHosts {
  private readonly known = new Set<number>();

  constructor(private readonly folder: string) {}

  /** The host of a window just opened or reloaded on a workspace, or on none: the first that was not seen before. */
  next(workspace: string | null): Promise<ExtensionHost> {
    return until(`an extension host for ${workspace ?? 'an empty window'}`, () => {
      for (const file of readdirSync(this.folder).filter((name) => name.endsWith('.json'))) {
        const pid = Number(path.basename(file, '.json'));
        // A host that was seen before may be ending, and takes its file along.
        if (this.known.has(pid)) continue;
        const announced = JSON.parse(readFileSync(path.join(this.folder, file), 'utf8')) as { workspace: string | null };
        if (announced.workspace !== workspace) continue;
        this.known.add(pid);
        return new ExtensionHost(pid, path.join(this.folder, `${pid}.sock`));
      }
      return undefined;
    });
  }
}
