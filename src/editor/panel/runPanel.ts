import { commands } from 'vscode';
import type { LogOutputChannel, Uri, WebviewPanel } from 'vscode';
import type { PanelAction, PanelMessage } from '../../core/panel/messages.ts';
import { parsePanelMessage } from '../../core/panel/parseMessages.ts';
import type { FigureRole } from '../../core/panel/rows.ts';
import type { PanelShare } from '../../core/panel/share.ts';
import type { BaselineChoice, LinkedView, PanelSubject } from '../../core/panel/view.ts';
import type { CatalogChange } from '../../runs/catalog/runOverview.ts';
import type { GpuWatch } from '../../runs/gpus/gpuWatch.ts';
import type { PanelMember } from '../../runs/panel/panelMembers.ts';
import { PanelFeed } from '../../runs/panel/panelFeed.ts';
import { showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';
import type { PanelChoices } from './panelChoices.ts';
import { saveCsv, savePicture } from './panelExport.ts';
import { pageHtml, pageOptions, runPanelPage } from './panelPage.ts';

const actionCommands: Readonly<Record<PanelAction, string>> = {
  stop: 'otb.stopRun',
  resume: 'otb.resumeRun',
  branch: 'otb.branchRun',
  compare: 'otb.compareRuns',
  diffConfigs: 'otb.diffConfigs',
  openLog: 'otb.openLog',
  openErrors: 'otb.openErrors',
  openConfig: 'otb.openConfig',
  label: 'otb.labelRun',
};

export type ChooseMetric = (role: FigureRole, metric: string | null, runs: readonly string[]) => void | Promise<void>;

export interface RunPanelOptions {
  readonly runs: WorkspaceRuns;
  readonly settings: Settings;
  readonly choices: PanelChoices;
  readonly gpus: GpuWatch;
  readonly seen: SeenCollapses;
  readonly log: LogOutputChannel;
  readonly extensionUri: Uri;
  readonly subject: PanelSubject;
  readonly link: string | null;
  /** What the panels linked to this one look at; undefined: nothing has been said yet. */
  readonly linkedView: () => LinkedView | undefined;
  /** Decides which metric of the runs is the gradient norm, or the score; null: whichever is known to be. Left out: nothing keeps that. */
  readonly chooseMetric?: ChooseMetric | undefined;
  /** What the panels linked to this one need together. */
  readonly othersShare: () => PanelShare;
  /** The user looks somewhere else in this panel. */
  readonly onLink: (view: LinkedView) => void;
  /** Its runs may be others, or go on. */
  readonly onMembers: () => void;
  /** This panel needs something else for its axes; null: it cannot be seen any more. */
  readonly onShare: (share: PanelShare | null) => void;
}

/** A webview panel that shows runs, from its opening to its end; its page is told nothing while it is hidden. */
export class RunPanel extends Disposables {
  readonly subject: PanelSubject;
  readonly link: string | null;
  private readonly feed: PanelFeed;
  private isSeen: boolean;
  /** What the page needs for its axes, as it said last. */
  private share: PanelShare | null = null;

  constructor(
    private readonly panel: WebviewPanel,
    private readonly options: RunPanelOptions,
  ) {
    super();
    const { subject, link, runs, settings, extensionUri } = options;
    this.subject = subject;
    this.link = link;
    this.isSeen = panel.visible;
    this.feed = new PanelFeed({
      subject,
      link,
      source: {
        openMetrics: (dir, onRows) => runs.openMetrics(dir, onRows),
        get runs() {
          return runs.all;
        },
      },
      waiting: (group) => runs.waitingIn(group),
      gpus: options.gpus,
      settings: () => options.choices.settingsOfPages,
      post: (message) => panel.webview.postMessage(message),
      onError: (error) => this.report(error),
    });
    this.register({ dispose: () => this.feed.close() });
    this.register(runs.onDidChange((change) => this.update(change)));
    this.register(runs.onDidChangeWaiting(() => this.updateWaiting()));
    this.register(settings.onDidChange(() => this.feed.tellSettings()));
    this.register(panel.onDidChangeViewState(() => this.showOrHide()));
    this.register(panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)));
    panel.webview.options = pageOptions(extensionUri);
    panel.webview.html = pageHtml(panel.webview, extensionUri, runPanelPage);
    this.show();
  }

  reveal(preserveFocus: boolean): void {
    this.panel.reveal(undefined, preserveFocus);
  }

  tellLink(view: LinkedView): void {
    this.feed.tellLinked({ type: 'link', view });
  }

  has(run: string): boolean {
    return this.feed.runs.some(({ dir }) => dir === run);
  }

  /** The runs of its own that a baseline stands for. */
  baselineMembers(choice: BaselineChoice): readonly PanelMember[] {
    return this.feed.baselineMembers(choice);
  }

  /** Its runs are compared with these of another panel. */
  setReferences(members: readonly PanelMember[]): void {
    this.feed.setReferences(members);
  }

  /** What the panels linked to this one need is another now. */
  tellShare(): void {
    this.feed.tellLinked({ type: 'share', share: this.options.othersShare() });
  }

  private update(change: CatalogChange): void {
    this.feed.update(change);
    this.options.onMembers();
    this.show();
  }

  private updateWaiting(): void {
    this.feed.updateWaiting();
    this.show();
  }

  /** Brings up to date what VS Code itself shows of the panel. */
  private show(): void {
    const title = `OTB: ${this.feed.title}`;
    if (this.panel.title !== title) this.panel.title = title;
    if (this.panel.visible && this.panel.active) this.options.seen.markSeen(this.feed.runs.map(({ dir }) => dir));
  }

  private showOrHide(): void {
    const { visible, options } = this.panel;
    // A panel of a window from before an update may be one whose page VS Code discards; the next page says when it is ready.
    const isKept = options.retainContextWhenHidden === true;
    if (visible !== this.isSeen) {
      this.isSeen = visible;
      if (!visible) {
        if (isKept) this.feed.hide();
        else this.feed.stop();
        this.options.onShare(null);
      } else if (isKept) {
        this.feed.show();
        this.options.onShare(this.share);
        this.tellLinked();
      }
    }
    this.show();
  }

  /** What the panels linked to this one look at, and need. */
  private tellLinked(): void {
    const view = this.options.linkedView();
    if (view) this.tellLink(view);
    if (this.link !== null) this.tellShare();
  }

  private receive(said: unknown): void {
    const message = parsePanelMessage(said);
    if (typeof message === 'string')
      this.options.log.warn(`The panel "${this.feed.title}" said something that cannot be understood: ${message}.`);
    else this.accept(message).catch((error: unknown) => showFailure('The panel could not do this', error, this.options.log));
  }

  private async accept(message: PanelMessage): Promise<void> {
    const { feed, options } = this;
    switch (message.type) {
      case 'ready':
        feed.start();
        this.tellLinked();
        if (!this.isSeen) feed.hide();
        break;
      case 'columns':
        feed.setColumns(message.columns);
        break;
      case 'link':
        options.onLink(message.view);
        break;
      case 'share':
        this.share = message.share;
        if (this.isSeen) options.onShare(message.share);
        break;
      case 'choices':
        await options.choices.keep(message.choices);
        break;
      case 'action': {
        const runs = this.own(message.runs);
        // Without runs a command would ask which; the panel never means that.
        if (runs.length > 0) await commands.executeCommand(actionCommands[message.action], runs);
        break;
      }
      case 'note': {
        const runs = this.own(message.place.runs);
        if (runs.length > 0) await commands.executeCommand('otb.noteStep', { step: message.place.step, runs });
        break;
      }
      case 'metricKey':
        await options.chooseMetric?.(message.role, message.metric, this.own(message.runs));
        break;
      case 'export':
        if (message.format === 'csv')
          await saveCsv(
            feed.title,
            feed.runs.filter(({ dir }) => message.runs.includes(dir)),
            options.runs,
          );
        else await savePicture(feed.title, message.format, message.content);
        break;
      case 'error':
        options.log.error(`The panel "${feed.title}": ${message.message}`);
        break;
    }
  }

  private own(dirs: readonly string[]): readonly string[] {
    return this.feed.runs.map(({ dir }) => dir).filter((dir) => dirs.includes(dir));
  }

  private report(error: unknown): void {
    const { log } = this.options;
    log.error(`The panel "${this.feed.title}": ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
}
