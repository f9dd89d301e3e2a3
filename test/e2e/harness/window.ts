import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { ExtensionHost } from './extensionHost.ts';
import { PanelOffences } from './panelOffences.ts';
import { visiblePanels } from './panels.ts';
import { QuickInput } from './quickInput.ts';
import type { VSCodeServer } from './server.ts';
import { TextEditor } from './textEditor.ts';
import { TreeView } from './treeView.ts';
import { until } from './until.ts';

const screenshots = path.resolve('.cache/screenshots');

/** One VS Code window: what a user can see and do in it. Every wait has the same generous limit. */
export class Window {
  readonly quickInput: QuickInput;
  /** What our panels did that they must not do. */
  readonly offences: PanelOffences;
  private currentHost: ExtensionHost | undefined;

  constructor(
    readonly page: Page,
    readonly server: VSCodeServer,
    /** The folder that is open; null in an empty window. */
    readonly workspace: string | null,
  ) {
    this.quickInput = new QuickInput(page);
    this.offences = new PanelOffences(page);
  }

  async load(): Promise<void> {
    const query = this.workspace === null ? 'ew=true' : `folder=${encodeURIComponent(this.workspace)}`;
    await this.page.goto(`${this.server.url}/?${query}`, { waitUntil: 'domcontentloaded' });
    await this.settle();
  }

  /** Reloads as the command "Reload Window" does: extensions end in order, and what persists comes back. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.run('Developer: Reload Window');
    await loaded;
    await this.settle();
  }

  get host(): ExtensionHost {
    if (this.currentHost === undefined) throw new Error('the window has not loaded');
    return this.currentHost;
  }

  /** Kills the extension host as a crash would, and waits for the one that VS Code starts in its place. */
  async crashExtensionHost(): Promise<void> {
    const crashed = this.host;
    crashed.kill();
    await until('the extension host to be gone', () => !crashed.isRunning());
    this.currentHost = await this.server.hosts.next(this.workspace);
  }

  /** Ends the extension host of a window that is closed for good. */
  endHost(): void {
    if (this.currentHost?.isRunning() === true) this.currentHost.kill();
  }

  file(name: string): string {
    if (this.workspace === null) throw new Error('an empty window has no files');
    return path.join(this.workspace, name);
  }

  /** Runs the command with exactly this title in the palette. */
  async run(title: string): Promise<void> {
    await this.quickInput.openPalette(title);
    await this.quickInput.pick(title);
  }

  /** Titles that the palette offers for a filter. */
  async commands(filter: string): Promise<readonly string[]> {
    await this.quickInput.openPalette(filter);
    const labels = await this.quickInput.labels();
    await this.page.keyboard.press('Escape');
    return labels;
  }

  /** Opens a file of the workspace, beside what is open if asked to. */
  async open(name: string, { beside = false } = {}): Promise<TextEditor> {
    const file = this.file(name);
    await this.host.evaluate(
      async (vscode, target, column) => void (await vscode.window.showTextDocument(vscode.Uri.file(target), { viewColumn: column })),
      file,
      beside ? -2 : -1,
    );
    const editor = new TextEditor(this.page, () => this.host, file);
    await editor.locator.waitFor();
    return editor;
  }

  /** The view container of the activity bar with this title, opened. */
  async view(title: string): Promise<TreeView> {
    const action = this.activity(title);
    await action.waitFor();
    // A click would hide it again where something else opens it at the same moment.
    if (!(await action.getAttribute('class'))?.includes('checked')) await this.run(`View: Show ${title}`);
    return new TreeView(this.page.locator('.part.sidebar'));
  }

  /** The activity bar's icon of a view container; `.locator('.badge-content')` is its badge. */
  activity(title: string): Locator {
    return this.page.locator('.part.activitybar .action-item').filter({ has: this.page.locator(`a[aria-label^="${title}"]`) });
  }

  /** The document of our only visible panel. */
  async panel(): Promise<FrameLocator> {
    const [panel] = await this.panels(1);
    if (panel === undefined) throw new Error('no panel is visible');
    return panel;
  }

  /** The documents of our visible panels, from left to right, once there are `count` of them. */
  panels(count: number): Promise<readonly FrameLocator[]> {
    return visiblePanels(this.page, count);
  }

  /** The toast that contains a text; its buttons: `.getByRole('button', { name })`. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text }).first();
  }

  /** The modal dialog that contains a text; its buttons: `.getByRole('button', { name })`. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item').filter({ hasText: text }).first();
  }

  /** The row of the Problems view that contains a text. */
  async problem(text: string | RegExp): Promise<Locator> {
    await this.run('Problems: Focus on Problems View');
    return this.page.locator('.markers-panel .monaco-list-row').filter({ hasText: text }).first();
  }

  /** Saves a picture of the window to .cache/screenshots, for people to look at. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(screenshots, { recursive: true });
    const file = path.join(screenshots, `${name}.png`);
    await this.page.screenshot({ path: file });
    console.log(`screenshot ${path.relative('.', file)}`);
    return file;
  }

  private async settle(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
    this.currentHost = await this.server.hosts.next(this.workspace);
  }
}
