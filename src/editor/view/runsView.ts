import { EventEmitter, ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, commands, window } from 'vscode';
import type { Memento, TreeDataProvider, TreeView } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import { nodeId } from '../runSelection.ts';
import type { GroupNode, Node, RunNode } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';
import { DoubleClick } from './doubleClick.ts';
import { FoldedGroups } from './foldedGroups.ts';
import { groupRow, runRow } from './runRow.ts';
import type { Row } from './runRow.ts';
import { runTooltip } from './runTooltip.ts';
import { RunTree } from './runTree.ts';
import { WaitingRuns } from './waitingRuns.ts';

/** Least milliseconds between two refreshments of the view. */
const refreshMs = 250;
const clicked = 'otb.runs.clicked';

/** The tree of groups and runs, and its badge. */
export class RunsView extends Disposables implements TreeDataProvider<Node> {
  private readonly refreshed = this.register(new EventEmitter<Node | Node[] | undefined>());
  readonly onDidChangeTreeData = this.refreshed.event;
  private readonly tree = new RunTree();
  private readonly waiting = this.register(new WaitingRuns());
  private readonly folded: FoldedGroups;
  private readonly doubleClick = new DoubleClick();
  /** What each row that VS Code has asked for shows, by id. */
  private readonly shown = new Map<string, string>();
  private readonly view: TreeView<Node>;
  /** Whether all runs that were there have been looked at: which group is the newest is not known before. */
  private isComplete = false;

  constructor(
    private readonly runs: WorkspaceRuns,
    private readonly seen: SeenCollapses,
    private readonly settings: Settings,
    memory: Memento,
  ) {
    super();
    this.folded = new FoldedGroups(memory);
    this.view = this.register(window.createTreeView('otb.runs', { treeDataProvider: this, canSelectMany: true, showCollapseAll: true }));
    const events = [runs.onDidChange, settings.onDidChange, this.waiting.onDidChange, this.view.onDidChangeVisibility];
    this.register(new Refreshment(refreshMs, () => this.refresh(), events));
    this.register(seen.onDidChange(() => this.updateBadge()));
    this.register(settings.onDidChange(() => this.updateBadge()));
    this.register(this.view.onDidCollapseElement(({ element }) => this.fold(element, true)));
    this.register(this.view.onDidExpandElement(({ element }) => this.fold(element, false)));
    this.register(commands.registerCommand(clicked, (node: RunNode) => this.click(node)));
    this.updateBadge();
    void runs.ready.then(() => {
      this.isComplete = true;
      this.refresh();
    });
  }

  /** What is selected in the view, for commands that the palette or a key calls without arguments. */
  get selection(): readonly Node[] {
    return this.view.selection;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    // The view shows that it is busy, and no welcome, until it is known that there is nothing.
    if (!node && this.tree.groups.length === 0) {
      await this.runs.ready;
      this.tree.update(this.runs.runs);
    }
    if (!node) return this.tree.groups.map((group) => group.node);
    return node.kind === 'group' ? (this.tree.group(node)?.runs ?? []).map(({ dir }) => this.tree.runNode(dir)) : [];
  }

  getParent(node: Node): Node | undefined {
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
    if (node.kind === 'run') item.command = { command: clicked, title: 'Open run panel', arguments: [node] };
    return item;
  }

  resolveTreeItem(item: TreeItem, node: Node): TreeItem {
    const run = node.kind === 'run' ? this.runs.get(node.dir) : undefined;
    item.tooltip = run ? runTooltip(run) : node.kind === 'group' ? `${node.group} in ${node.runsDir}` : '';
    return item;
  }

  private row(node: Node): Row | undefined {
    const marksCollapse = this.settings.get('collapse.treeIcon');
    if (node.kind === 'run') {
      const run = this.runs.get(node.dir);
      return run && runRow(run, marksCollapse);
    }
    const group = this.tree.group(node);
    const { count, resuming, isLost } = this.waiting.of(node);
    return group && groupRow({ runs: group.runs, waiting: count, resuming, isQueueLost: isLost }, marksCollapse);
  }

  /** Groups that the user has not folded or unfolded are open where something goes on in them; so is the newest. */
  private folding(node: GroupNode): TreeItemCollapsibleState {
    const { groups } = this.tree;
    const usual = groups[0]?.node !== node && !this.tree.group(node)?.runs.some(isLive);
    return (this.folded.isFolded(node) ?? usual) ? TreeItemCollapsibleState.Collapsed : TreeItemCollapsibleState.Expanded;
  }

  /** Brings up to date what the view shows; while it is hidden nothing is done, and everything afterwards. */
  private refresh(): void {
    if (!this.view.visible || !this.isComplete) return;
    const regrouped = this.tree.update(this.runs.runs);
    const { groups } = this.tree;
    this.waiting.update(groups);
    if (regrouped === undefined) {
      void this.runs.ready.then(() => this.folded.keep(this.tree.groups.map(({ node }) => node)));
      this.shown.clear();
      this.refreshed.fire(undefined);
      return;
    }
    const changed = groups.flatMap(({ node, runs }): Node[] => {
      // A group brings its runs along.
      if (regrouped.includes(node) || this.isStale(node)) return [node];
      return runs.map(({ dir }) => this.tree.runNode(dir)).filter((run) => this.isStale(run));
    });
    if (changed.length > 0) this.refreshed.fire(changed);
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

  private click(node: RunNode): void {
    if (this.doubleClick.isSecond(nodeId(node))) void commands.executeCommand('otb.openPanel', node);
  }
}
