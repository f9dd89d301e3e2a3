import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { VSCodeServer } from './server.ts';
import type { UserSettings } from './settings.ts';
import { patience } from './until.ts';
import { Window } from './window.ts';
import type { WorkspaceContent } from './workspace.ts';
import { createWorkspace } from './workspace.ts';

export interface WindowOptions extends WorkspaceContent, UserSettings {
  /** Opens no folder. */
  readonly empty?: boolean;
  /** An existing folder to open, such as the workspace of another window. */
  readonly folder?: string;
  readonly size?: { readonly width: number; readonly height: number };
}

/** One server and one browser, started by the first test of a file and shared by all of them. */
class Session {
  private readonly contexts: BrowserContext[] = [];
  readonly windows: Window[] = [];

  private constructor(
    readonly server: VSCodeServer,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<Session> {
    const server = await VSCodeServer.start();
    return new Session(server, await launchBrowser(server.folder));
  }

  /** Opens a window in a browser context of its own, which has seen nothing of earlier tests. */
  async open(options: WindowOptions): Promise<Window> {
    this.server.configure(options);
    const context = await this.browser.newContext({ viewport: options.size ?? { width: 1400, height: 900 } });
    context.setDefaultTimeout(patience);
    this.contexts.push(context);
    const folder = options.folder ?? createWorkspace(path.join(this.server.folder, 'workspaces'), options);
    const window = new Window(await context.newPage(), this.server, options.empty === true ? null : folder);
    this.windows.push(window);
    await window.load();
    return window;
  }

  async closeWindows(): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
    this.windows.length = 0;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}

let session: Promise<Session> | undefined;
after(async () => (await session)?.stop());

/** Opens another window on the running test's server. */
export type OpenWindow = (options: WindowOptions) => Promise<Window>;

/**
 * A claim about the packaged extension in a real VS Code window, opened with the given workspace and settings. It also fails where our
 * extension has thrown, in its host or in a panel, or has asked anything of another machine.
 */
export function vscodeTest(claim: string, options: WindowOptions, body: (window: Window, openWindow: OpenWindow) => Promise<void>): void {
  test(claim, { timeout: 10 * patience }, async () => {
    session ??= Session.start();
    const running = await session;
    const earlierErrors = running.server.logs.extensionErrors().length;
    try {
      const window = await running.open(options);
      await body(window, (others) => running.open(others));
      assert.deepEqual(running.server.logs.extensionErrors().slice(earlierErrors), [], 'errors of the extension in the log of its host');
      for (const opened of running.windows) await assertNoOffence(opened);
    } catch (error) {
      throw await explained(error, claim, running);
    } finally {
      await running.closeWindows();
    }
  });
}

async function assertNoOffence({ host, offences }: Window): Promise<void> {
  assert.deepEqual(offences.errors, [], 'errors in our panels');
  assert.deepEqual(offences.requests, [], 'requests of our panels to other machines');
  const connections = await host.evaluate(() => (globalThis as unknown as { otbOutsideConnections(): string[] }).otbOutsideConnections());
  assert.deepEqual(connections, [], 'connections of the extension host to other machines');
}

/** The error with pictures of the windows and the ends of the logs. */
async function explained(error: unknown, claim: string, { server, windows }: Session): Promise<Error> {
  const name = `failed-${claim.replace(/\W+/g, '-').slice(0, 60)}`;
  for (const [index, window] of windows.entries()) await window.screenshot(`${name}-${index + 1}`).catch(() => undefined);
  const message = error instanceof Error ? error.message : String(error);
  return new Error(`${message}\nscreenshots: .cache/screenshots/${name}-*.png\n${server.logTail()}`, { cause: error });
}
