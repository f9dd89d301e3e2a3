import { setTimeout } from 'node:timers/promises';
import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, commands, window } from 'vscode';
import type { Memento, TreeDataProvider, TreeView } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import { byGroup, groupOf, nodeId } from '../runSelection.ts';
import type { GroupNode, Node } from '../runSelection.ts';
import { hasSeveralNames } from '../../runs/catalog/groupTitles.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';
import { DoubleClick } from './doubleClick.ts';
import { FoldedGroups } from './foldedGroups.ts';
import { GroupReading } from './groupReading.ts';
import { orderTexts, runOrders } from './runOrder.ts';
import type { RunOrder } from './runOrder.ts';
import { groupRow, runRow, waitingRow } from './runRow.ts';
import type { Row } from './runRow.ts';
import { SourceDrop } from './sourceDrop.ts';
import { runTooltip } from './runTooltip.ts';
import { RunTree } from './runTree.ts';
import { WaitingRows } from './waitingRows.ts';

/** Least milliseconds between two refreshments of the view. */
const refreshMs = 250;
/** Milliseconds that VS Code has to draw the rows it has asked for; see `isDrawing`. */
const drawingMs = 1000;
/** Milliseconds that a row has to appear in which a run is to be selected. */
const revealMs = 5000;
const clicked = 'otb.runs.clicked';
const orderKey = 'otb.runOrder';

/** The tree of groups and runs, and its badge. */
export class RunsView extends Disposables implements TreeDataProvider<Node> {
  private readonly refreshed = this.register(new EventEmitter<Node | Node[] | undefined>());
  readonly onDidChangeTreeData = this.refreshed.event;
  private readonly tree = new RunTree();
  private readonly folded: FoldedGroups;
  private readonly doubleClick = new DoubleClick();
  private readonly reading = new GroupReading();
  /** What each row that VS Code has asked for shows, by id. */
  private readonly shown = new Map<string, string>();
  private readonly view: TreeView<Node>;
  /** When VS Code has drawn the rows that it asks for by itself, in milliseconds; never, as long as it has not asked. */
  private drawnAt = Number.POSITIVE_INFINITY;
  private later: NodeJS.Timeout | undefined;
  private order: RunOrder;
  private showsArchived = false;
  private readonly waiting = new WaitingRows();

  constructor(
    private readonly runs: WorkspaceRuns,
    private readonly seen: SeenCollapses,
    private readonly settings: Settings,
    private readonly memory: Memento,
  ) {
    super();
    this.folded = new FoldedGroups(memory);
    const order: unknown = memory.get(orderKey);
    this.order = runOrders.find((known) => known === order) ?? 'newest';
    const dragAndDropController = new SourceDrop();
    this.view = this.register(
      window.createTreeView('otb.runs', { treeDataProvider: this, canSelectMany: true, showCollapseAll: true, dragAndDropController }),
    );
    const events = [runs.onDidChange, runs.onDidChangeWaiting, settings.onDidChange, this.view.onDidChangeVisibility];
    this.register(new Refreshment(refreshMs, () => this.refresh(), events));
    this.register(seen.onDidChange(() => this.updateBadge()));
    this.register(settings.onDidChange(() => this.updateBadge()));
    this.register(this.view.onDidCollapseElement(({ element }) => this.fold(element, true)));
    this.register(this.view.onDidExpandElement(({ element }) => this.fold(element, false)));
    this.register(commands.registerCommand(clicked, () => this.click()));
    this.register(commands.registerCommand('otb.sortRuns', () => this.sort()));
    this.register(commands.registerCommand('otb.showArchived', () => this.showArchived(true)));
    this.register(commands.registerCommand('otb.hideArchived', () => this.showArchived(false)));
    this.register({ dispose: () => clearTimeout(this.later) });
    void commands.executeCommand('setContext', 'otb.showsArchived', false);
    this.updateBadge();
  }

  /** What is selected in the view, for commands that the palette or a key calls without arguments. */
  async selection(): Promise<readonly Node[]> {
    await this.reading.over(() => this.view.selection.length > 0);
    return this.view.selection;
  }

  /** Selects a run in the view, where that is open or can be. */
  async reveal({ dir }: RunOverview): Promise<void> {
    await commands.executeCommand('otb.runs.focus');
    this.updateTree();
    const run = this.runs.get(dir);
    if (!run || !(await this.isDrawn(this.tree.groupNode(run)))) return;
    await Promise.resolve(this.view.reveal(this.tree.runNode(dir), { select: true, expand: true })).catch(() => undefined);
  }

  private get listed(): readonly RunOverview[] {
    return this.showsArchived ? this.runs.all : this.runs.runs;
  }

  private async sort(): Promise<void> {
    const items = runOrders.map((order) => ({ label: orderTexts[order], order, ...(order === this.order && { description: 'now' }) }));
    const picked = await window.showQuickPick(items, { title: 'Sort runs', placeHolder: 'Sort by …' });
    if (!picked) return;
    this.order = picked.order;
    await this.memory.update(orderKey, picked.order);
    this.refresh();
  }

  private showArchived(shows: boolean): void {
    this.showsArchived = shows;
    void commands.executeCommand('setContext', 'otb.showsArchived', shows);
    this.refresh();
  }

  /** Says beside the rows what they do not show. */
  private tellListed(): void {
    const { length } = this.runs.all;
    const isEmpty = length > 0 && this.listed.length === 0;
    // With a message there is no welcome, which would say that there are no runs.
    this.view.message = isEmpty ? `${length === 1 ? 'The only run is' : `All ${length} runs are`} archived.` : '';
    const isPaused = this.runs.pausedFolders.length > 0;
    this.view.description = [...(this.order === 'newest' ? [] : [`by ${this.order}`]), ...(isPaused ? ['queue paused'] : [])].join(' · ');
    void commands.executeCommand('setContext', 'otb.queuePaused', isPaused);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      // The view shows that it is busy, and no welcome, until it is known that there is nothing.
      await this.runs.ready;
      this.updateTree();
      this.isAsked();
      this.tellListed();
      return this.tree.groups.map((group) => group.node);
    }
    if (this.isDrawing) this.isAsked();
    if (node.kind !== 'group') return [];
    this.reading.end(node);
    return [...this.tree.children(node)];
  }

  getParent(node: Node): Node | undefined {
    if (node.kind === 'waiting') return this.waiting.get(node.dir)?.node;
    const run = node.kind === 'run' ? this.runs.get(node.dir) : undefined;
    return run && this.tree.groupNode(run);
  }

  getTreeItem(node: Node): TreeItem {
    const row = this.row(node);
    const item = new TreeItem(row?.label ?? '', node.kind === 'group' ? this.folding(node) : TreeItemCollapsibleState.None);
    item.id = nodeId(node);
    if (!row) return item;
    this.shown.set(item.id, JSON.stringify(row));
    item.description = row.description;
    item.iconPath = new ThemeIcon(row.icon.id, row.icon.color === undefined ? undefined : new ThemeColor(row.icon.color));
    item.accessibilityInformation = { label: row.spoken };
    item.contextValue = row.context;
    // Without arguments: VS Code forgets those of a row as soon as the row is refreshed, and a click on its way then fails.
    if (node.kind === 'run') item.command = { command: clicked, title: 'Open run panel' };
    return item;
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    const run = node.kind === 'run' ? this.runs.get(node.dir) : undefined;
    if (node.kind === 'waiting') item.tooltip = this.row(node)?.spoken;
    else item.tooltip = run ? runTooltip(run) : node.kind === 'group' ? `${this.runs.titleOf(node)} in ${node.runsDir}` : '';
    return item;
  }

  /** Waits until VS Code has asked for a row: it selects no other. Not for ever, because a view that is hidden asks for none. */
  private async isDrawn(node: Node): Promise<boolean> {
    const deadline = performance.now() + revealMs;
    while (!this.shown.has(nodeId(node)) && performance.now() < deadline) await setTimeout(50);
    return this.shown.has(nodeId(node));
  }

  private row(node: Node): Row | undefined {
    const marksCollapse = this.settings.get('collapse.treeIcon');
    if (node.kind === 'run') {
      const run = this.runs.get(node.dir);
      if (!run) return undefined;
      const isNamed = hasSeveralNames(this.tree.group(groupOf(run))?.runs ?? []);
      return runRow(run, marksCollapse, { isNamed, waits: this.waiting.reasonOf(node.dir), origin: this.originOf(run) });
    }
    if (node.kind === 'waiting') {
      const run = this.waiting.get(node.dir);
      return run && waitingRow(run);
    }
    const group = this.tree.group(node);
    if (!group) return undefined;
    const { runs } = group;
    const waiting = this.runs.waitingIn(node);
    const counts = { waiting: waiting.runs.length, resuming: waiting.resuming.length, isQueueLost: waiting.isLost };
    // Not the time left: while VS Code reads a group whose row has changed, it knows none of the group's rows, nor which is selected.
    return groupRow({ runs, title: this.runs.titleOf(node), ...counts }, marksCollapse);
  }

  /** What the run is called that a branch comes from; undefined: it is none, or that run is not there. */
  private originOf({ identity: { branchedFrom } }: RunOverview): string | undefined {
    const origin = branchedFrom && this.runs.all.find(({ identity }) => identity.id === branchedFrom.id);
    return origin && runName(origin);
  }

  private updateTree(): readonly GroupNode[] | undefined {
    return this.tree.update(this.listed, this.order, this.waiting.update(this.runs));
  }

  /** Groups that the user has not folded or unfolded are open where something goes on in them; so is the newest. */
  private folding(node: GroupNode): TreeItemCollapsibleState {
    const [newest] = this.listed;
    const isNewest = newest !== undefined && nodeId(groupOf(newest)) === nodeId(node);
    const group = this.tree.group(node);
    const usual = !isNewest && !group?.runs.some(isLive) && group?.runs.length !== 0;
    return (this.folded.isFolded(node) ?? usual) ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
  }

  /** Brings up to date what the view shows; while it is hidden nothing is done, and everything afterwards. */
  private refresh(): void {
    if (!this.view.visible) return;
    if (this.isDrawing || this.reading.goesOn) return this.refreshLater();
    const regrouped = this.updateTree();
    this.tellListed();
    const { groups } = this.tree;
    if (regrouped === undefined) {
      void this.runs.ready.then(() => this.folded.keep(byGroup(this.runs.all).map(({ node }) => node)));
      this.shown.clear();
      this.readAnew(groups.map(({ node }) => node));
      this.refreshed.fire(undefined);
      return;
    }
    const changed = groups.flatMap(({ node }): Node[] => {
      // A group brings its runs along.
      if (regrouped.includes(node) || this.isStale(node)) return [node];
      return this.tree.children(node).filter((run) => this.isStale(run));
    });
    this.readAnew(changed);
    if (changed.length > 0) this.refreshed.fire(changed);
  }

  /** Of a group that is folded VS Code asks for no rows. */
  private readAnew(nodes: readonly Node[]): void {
    for (const node of nodes)
      if (node.kind === 'group' && this.folding(node) === TreeItemCollapsibleState.Expanded) this.reading.begin(node);
  }

  /**
   * Whether VS Code may still be busy with the rows that it asks for by itself when a window opens. To be told of news meanwhile can
   * leave it waiting for ever, and the view would never change again.
   */
  private get isDrawing(): boolean {
    return performance.now() < this.drawnAt;
  }

  private isAsked(): void {
    this.drawnAt = performance.now() + drawingMs;
    this.refreshLater();
  }

  private refreshLater(): void {
    clearTimeout(this.later);
    const ms = Math.max(this.drawnAt - performance.now(), refreshMs);
    if (Number.isFinite(ms)) this.later = globalThis.setTimeout(() => this.refresh(), ms);
  }

  /** Whether the view shows another row than the present one. */
  private isStale(node: Node): boolean {
    const shown = this.shown.get(nodeId(node));
    return shown !== undefined && shown !== JSON.stringify(this.row(node));
  }

  private updateBadge(): void {
    const { length } = this.settings.get('collapse.badge') ? this.seen.unseen : [];
    this.view.badge =
      length === 0 ? undefined : { value: length, tooltip: `${length === 1 ? '1 run has' : `${length} runs have`} collapsed` };
  }

  private fold(node: Node, folded: boolean): void {
    if (node.kind === 'group') this.folded.set(node, folded);
  }

  /** A row was clicked, and is what is selected now. */
  private async click(): Promise<void> {
    const [node, ...others] = await this.selection();
    if (node === undefined || others.length > 0) return;
    if (this.doubleClick.isSecond(nodeId(node))) void commands.executeCommand('otb.openPanel', node);
  }
}
