import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { VSCodeServer } from './server.ts';
import type { UserSettings } from './settings.ts';
import { patience } from './until.ts';
import { Window } from './window.ts';
import { createWorkspace } from './workspace.ts';
import type { WorkspaceContent } from './workspace.ts';

export interface SessionWindow extends UserSettings {
  readonly size?: { readonly width: number; readonly height: number };
}

/** A throw-away VS Code with the packaged extension, for programs that are no tests: benchmarks and screenshots. */
export class Session {
  private constructor(
    private readonly server: VSCodeServer,
    private readonly browser: Browser,
  ) {}

  static async start(): Promise<Session> {
    const server = await VSCodeServer.start();
    return new Session(server, await launchBrowser(server.folder));
  }

  /** A new folder to be opened. */
  workspace(content: WorkspaceContent = {}): string {
    return createWorkspace(path.join(this.server.folder, 'workspaces'), content);
  }

  /** Opens a window on a folder, lets `work` do something in it, and closes it. */
  async inWindow<T>(folder: string, work: (window: Window) => Promise<T>, { size = { width: 1400, height: 900 }, ...settings }: SessionWindow = {}): Promise<T> {
    this.server.configure(settings);
    const context = await this.browser.newContext({ viewport: size });
    context.setDefaultTimeout(patience);
    try {
      const window = new Window(await context.newPage(), this.server, folder);
      await window.load();
      return await work(window);
    } finally {
      await context.close();
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}
