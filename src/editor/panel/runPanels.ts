import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Uri, ViewColumn, commands, window } from 'vscode';
import type { LogOutputChannel, Memento, WebviewPanel } from 'vscode';
import { counted } from '../../core/notation.ts';
import { parsePanelMemory } from '../../core/panel/parseMessages.ts';
import { joinedShare } from '../../core/panel/share.ts';
import type { PanelShare } from '../../core/panel/share.ts';
import { linkedView } from '../../core/panel/view.ts';
import type { LinkedView, PanelSubject } from '../../core/panel/view.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { GpuWatch } from '../../runs/gpus/gpuWatch.ts';
import { newestRunOf } from '../../runs/inline/newestRun.ts';
import { runDirectory } from '../../runs/launcher/trainingPlan.ts';
import { comparisonColumns } from '../../runs/panel/comparisonColumns.ts';
import type { ColumnRun } from '../../runs/panel/comparisonColumns.ts';
import type { CommandWork } from '../commands/registerCommand.ts';
import { Disposables } from '../disposable.ts';
import { isConfig } from '../inline/configSelector.ts';
import { byGroup, groupOf, nodeId, nodesCalledOn, runsOf } from '../runSelection.ts';
import type { GroupNode, Node } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { RunsView } from '../view/runsView.ts';
import { completeStep } from '../walkthrough.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';
import type { ConfigDiff } from './configDiff.ts';
import type { PanelCommand } from './latePanels.ts';
import { PanelChoices } from './panelChoices.ts';
import { isOpenAfter, panelIcon, panelOptions, viewType } from './panelPage.ts';
import { RunPanel } from './runPanel.ts';
import type { ChooseMetric } from './runPanel.ts';
import { pickRuns } from './runPick.ts';

export interface RunPanelsOptions {
  readonly runs: WorkspaceRuns;
  readonly settings: Settings;
  /** Where this workspace's choices are kept. */
  readonly memory: Memento;
  readonly seen: SeenCollapses;
  /** What is selected there is what a command without arguments is about. */
  readonly view: Pick<RunsView, 'selection'>;
  readonly log: LogOutputChannel;
  readonly extensionUri: Uri;
  readonly chooseMetric?: ChooseMetric | undefined;
}

/** All run panels of this window: opens, links and restores them. */
export class RunPanels extends Disposables {
  /** What the commands do that are about panels. */
  readonly commands: Readonly<Record<PanelCommand, CommandWork>> = {
    'otb.openPanel': (...args) => this.openChosen(args),
    'otb.overlayRuns': (...args) => this.overlay(args),
    'otb.compareRuns': (...args) => this.compare(args),
    'otb.diffConfigs': (...args) => this.diffConfigs(args),
  };
  private readonly panels = new Set<RunPanel>();
  private readonly choices: PanelChoices;
  private readonly gpus = new GpuWatch();
  /** Where the panels of a comparison look, by link. */
  private readonly linkedViews = new Map<string, LinkedView>();
  /** What those that can be seen need for their axes. */
  private readonly shares = new Map<RunPanel, PanelShare>();

  constructor(
    private readonly options: RunPanelsOptions,
    private readonly diff: ConfigDiff,
  ) {
    super();
    this.choices = new PanelChoices(options.settings, options.memory);
  }

  /** Opens a panel, or shows the one that is open for the same subject. Beside a text that is being edited, not over it. */
  async open(subject: PanelSubject, { preserveFocus = false }: { readonly preserveFocus?: boolean } = {}): Promise<void> {
    await this.options.runs.ready;
    const same = JSON.stringify(subject);
    const open = [...this.panels].find((panel) => panel.link === null && JSON.stringify(panel.subject) === same);
    if (open) open.reveal(preserveFocus);
    else this.create(subject, null, { viewColumn: window.activeTextEditor ? ViewColumn.Beside : ViewColumn.Active, preserveFocus });
  }

  override dispose(): void {
    for (const panel of this.panels) panel.dispose();
    super.dispose();
  }

  private async openChosen(args: readonly unknown[]): Promise<void> {
    const subject = await this.chosenSubject(args);
    if (subject === undefined) return;
    await this.open(subject);
    completeStep('collapse');
  }

  private async chosenSubject(args: readonly unknown[]): Promise<PanelSubject | undefined> {
    const nodes = await this.nodes(args);
    const [only] = nodes;
    if (nodes.length > 1) return runsSubject(runsOf(nodes, this.options.runs));
    if (only) return subjectOf(only);
    const config = configFile(args[0]);
    const group = config === undefined ? await this.pickGroup() : await this.newestGroup(config);
    return group && subjectOf(group);
  }

  /** The group that a config was started in last; says so where there is none. */
  private async newestGroup(config: string): Promise<GroupNode | undefined> {
    const newest = await newestRunOf(config, this.options.runs.runs);
    if (newest) return groupOf(newest);
    void window.showInformationMessage(`${path.basename(config)} has no runs yet.`);
    return undefined;
  }

  private async overlay(args: readonly unknown[]): Promise<void> {
    const nodes = await this.nodes(args);
    const [only] = nodes;
    if (nodes.length === 1 && only?.kind === 'group') return this.open(subjectOf(only));
    const selected = runsOf(nodes, this.options.runs);
    const runs =
      selected.length > 1
        ? selected
        : await pickRuns(this.options.runs.runs, { title: 'Show runs in one chart', picked: selected, least: 1 });
    if (runs) await this.open(runsSubject(runs));
  }

  private async compare(args: readonly unknown[]): Promise<void> {
    const { runs } = this.options;
    const nodes = await this.nodes(args);
    let columns = comparisonColumns(nodes.map(subjectOf), [...runs.runs, ...waitingRuns(nodes, runs)]);
    if (columns.length < 2) {
      const picked = await pickRuns(runs.runs, { title: 'Compare runs', picked: runsOf(nodes, runs), least: 2 });
      if (!picked) return;
      columns = comparisonColumns(
        picked.map((run) => runsSubject([run])),
        runs.runs,
      );
    }
    const same = JSON.stringify(columns);
    const open = this.comparisons().find((panels) => JSON.stringify(panels.map(({ subject }) => subject)) === same);
    if (open) {
      for (const panel of open.toReversed()) panel.reveal(false);
      return;
    }
    if (window.tabGroups.all.length < columns.length) {
      await commands.executeCommand('vscode.setEditorLayout', { orientation: 0, groups: columns.map(() => ({})) });
    }
    const link = randomUUID();
    columns.forEach((subject, index) => this.create(subject, link, { viewColumn: index + 1, preserveFocus: index > 0 }));
    completeStep('compare');
  }

  private async diffConfigs(args: readonly unknown[]): Promise<void> {
    const selected = runsOf(await this.nodes(args), this.options.runs);
    const runs =
      selected.length > 1 ? selected : await pickRuns(this.options.runs.runs, { title: 'Compare configs', picked: selected, least: 2 });
    if (runs) await this.diff.show(runs);
  }

  /** The panels of each comparison, in the order of their columns. */
  private comparisons(): RunPanel[][] {
    const comparisons = new Map<string, RunPanel[]>();
    for (const panel of this.panels) if (panel.link !== null) comparisons.set(panel.link, [...(comparisons.get(panel.link) ?? []), panel]);
    return [...comparisons.values()];
  }

  /** What a command was called on; what is selected in the runs view, where it was called on nothing. */
  private async nodes(args: readonly unknown[]): Promise<readonly Node[]> {
    // A command may be what activates the extension.
    await this.options.runs.ready;
    const selection = await this.options.view.selection();
    const called = nodesCalledOn(args, selection);
    const nodes = called.length > 0 || args[0] instanceof Uri ? called : selection;
    // Of a run that has not begun, what its group shows.
    const shown = nodes.map((node) => (node.kind === 'waiting' ? (this.options.runs.groupOfWaiting(node.dir) ?? node) : node));
    return [...new Map(shown.map((node) => [nodeId(node), node])).values()];
  }

  /** The group that the user chooses; the only one, where there is no choice. */
  private async pickGroup(): Promise<GroupNode | undefined> {
    const groups = byGroup(this.options.runs.runs);
    if (groups.length === 0)
      void window.showInformationMessage('There are no runs in this workspace yet. Start one with "OTB: Start OTB run".');
    const items = groups.map(({ node, runs }) => ({
      label: this.options.runs.titleOf(node),
      description: counted(runs.length, 'run'),
      node,
    }));
    if (items.length <= 1) return items[0]?.node;
    return (await window.showQuickPick(items, { title: 'Open run panel', placeHolder: 'Choose a group of runs' }))?.node;
  }

  private create(
    subject: PanelSubject,
    link: string | null,
    show: { readonly viewColumn: ViewColumn; readonly preserveFocus: boolean },
  ): void {
    this.adopt(window.createWebviewPanel(viewType, 'OTB', show, panelOptions(this.options.extensionUri)), subject, link);
  }

  /** Takes over the panel of a window that was reloaded. */
  async restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const memory = parsePanelMemory(state);
    if (typeof memory === 'string') {
      this.options.log.warn(`A run panel was not restored: ${memory}.`);
      panel.dispose();
      return;
    }
    // The page would say that there are no runs until they are known.
    if (!(await isOpenAfter(panel, this.options.runs.ready))) return;
    const { link, view } = memory;
    if (link !== null && !this.linkedViews.has(link)) this.linkedViews.set(link, linkedView(view, null));
    this.adopt(panel, memory.subject, link);
  }

  private adopt(webviewPanel: WebviewPanel, subject: PanelSubject, link: string | null): void {
    const { extensionUri } = this.options;
    webviewPanel.iconPath = panelIcon(extensionUri);
    const panel: RunPanel = new RunPanel(webviewPanel, {
      ...this.options,
      choices: this.choices,
      gpus: this.gpus,
      subject,
      link,
      linkedView: () => (link === null ? undefined : this.linkedViews.get(link)),
      othersShare: () => joinedShare(this.linkedTo(panel).flatMap((other) => this.shares.get(other) ?? [])),
      onLink: (view) => this.relay(panel, view),
      onMembers: () => this.refer(link),
      onShare: (share) => this.share(panel, share),
    });
    this.panels.add(panel);
    this.refer(link);
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      this.panels.delete(panel);
      this.share(panel, null);
      this.refer(link);
      if (link !== null && ![...this.panels].some((other) => other.link === link)) this.linkedViews.delete(link);
    });
  }

  /** Lets the other panels of a comparison look where one looks. */
  private relay(from: RunPanel, view: LinkedView): void {
    if (from.link === null) return;
    // A panel that comes later takes over where the others look, not their pointer.
    this.linkedViews.set(from.link, { ...view, crosshair: null });
    for (const panel of this.linkedTo(from)) panel.tellLink(view);
    this.refer(from.link);
  }

  /** Gives the panels of a comparison the runs of the column that its baseline is in. */
  private refer(link: string | null): void {
    const baseline = link === null ? undefined : this.linkedViews.get(link)?.baseline;
    const panels = [...this.panels].filter((panel) => panel.link !== null && panel.link === link);
    const owner = baseline && panels.find((panel) => panel.has(baseline.run));
    for (const panel of panels) panel.setReferences(baseline && owner && !panel.has(baseline.run) ? owner.baselineMembers(baseline) : []);
  }

  /** Lets the other panels of a comparison know what one needs for its axes; null: it does not count any more. */
  private share(from: RunPanel, share: PanelShare | null): void {
    if (share !== null) this.shares.set(from, share);
    else if (!this.shares.delete(from)) return;
    for (const panel of this.linkedTo(from)) panel.tellShare();
  }

  /** The other panels of its comparison. */
  private linkedTo(panel: RunPanel): readonly RunPanel[] {
    return panel.link === null ? [] : [...this.panels].filter((other) => other !== panel && other.link === panel.link);
  }
}

/** The runs of groups that have not begun, as if they did now: a column takes them in as they do. */
function waitingRuns(nodes: readonly Node[], runs: Pick<WorkspaceRuns, 'waitingIn'>): readonly ColumnRun[] {
  const createdAt = new Date().toISOString();
  return nodes.flatMap((node) => {
    const waiting = node.kind === 'group' ? runs.waitingIn(node) : undefined;
    if (node.kind !== 'group' || waiting === undefined || waiting.isLost) return [];
    return waiting.runs.map((run) => ({ dir: runDirectory(node.runsDir, run), identity: { ...run, createdAt } }));
  });
}

function subjectOf(node: Node): PanelSubject {
  return node.kind === 'group' ? { ...node, series: null } : { kind: 'runs', runs: [node.dir] };
}

function runsSubject(runs: readonly RunOverview[]): PanelSubject {
  return { kind: 'runs', runs: runs.map(({ dir }) => dir) };
}

/** The config that a command was called on, or that is being edited. */
function configFile(said: unknown): string | undefined {
  if (said instanceof Uri) return said.fsPath;
  const document = window.activeTextEditor?.document;
  return document && isConfig(document) ? document.uri.fsPath : undefined;
}
