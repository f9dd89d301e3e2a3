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

/** A throw-away VS Code with the packaged extension: one server and one browser for any number of windows. */
export class Session {
  /** The windows that are open. */
  readonly windows: Window[] = [];

  private constructor(
    readonly server: VSCodeServer,
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

  /** Opens a window on a folder, or an empty one, in a browser context of its own, which has seen nothing of earlier windows. */
  async open(folder: string | null, { size = { width: 1400, height: 900 }, ...settings }: SessionWindow = {}): Promise<Window> {
    this.server.configure(settings);
    const context = await this.browser.newContext({ viewport: size });
    context.setDefaultTimeout(patience);
    const window = new Window(await context.newPage(), this.server, folder);
    this.windows.push(window);
    await window.load();
    return window;
  }

  /** Opens a window, lets `work` do something in it, and closes it. */
  async inWindow<T>(folder: string, work: (window: Window) => Promise<T>, settings: SessionWindow = {}): Promise<T> {
    try {
      return await work(await this.open(folder, settings));
    } finally {
      await this.closeWindows();
    }
  }

  /** With their extension hosts, which the server would keep for a browser that lost its connection and comes back. */
  async closeWindows(): Promise<void> {
    for (const window of this.windows.splice(0)) {
      await window.page.context().close();
      window.endHost();
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }
}
