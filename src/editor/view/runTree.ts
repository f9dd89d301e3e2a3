import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { byGroup, groupOf, nodeId } from '../runSelection.ts';
import { orderedGroups } from './runOrder.ts';
import type { RunOrder } from './runOrder.ts';
import type { GroupNode, Node, RunGroup, RunNode, WaitingNode } from '../runSelection.ts';

/** Rows of runs that have not begun, below those of the others of their group. */
export interface WaitingDirs {
  readonly node: GroupNode;
  /** Directories, in the order of their turns. */
  readonly waiting: readonly string[];
}

/** A group as the view shows it. One of which nothing has begun has no runs. */
export type TreeGroup = RunGroup & WaitingDirs;

/**
 * Groups and runs as elements of the runs view, the runs of a group in its order. An element stays the same object for as long as what
 * it stands for is there.
 */
export class RunTree {
  private nodes = new Map<string, Node>();
  private groupsById = new Map<string, TreeGroup>();

  /** In the order of the last update. */
  get groups(): readonly TreeGroup[] {
    return [...this.groupsById.values()];
  }

  group(node: GroupNode): TreeGroup | undefined {
    return this.groupsById.get(nodeId(node));
  }

  runNode(dir: string): RunNode {
    return this.same({ kind: 'run', dir });
  }

  waitingNode(dir: string): WaitingNode {
    return this.same({ kind: 'waiting', dir });
  }

  /** The rows of a group, in their order. */
  children(node: GroupNode): readonly Node[] {
    const { runs, waiting } = this.group(node) ?? { runs: [], waiting: [] };
    return [...runs.map(({ dir }) => this.runNode(dir)), ...waiting.map((dir) => this.waitingNode(dir))];
  }

  groupNode(run: RunOverview): GroupNode {
    return this.same(groupOf(run));
  }

  /**
   * Takes in all runs there are, newest first, and those that wait. Returns the groups that have other runs than before, or in another
   * order; undefined: so have the groups.
   */
  update(runs: readonly RunOverview[], order: RunOrder, waiting: readonly WaitingDirs[] = []): readonly GroupNode[] | undefined {
    const before = this.groupsById;
    const waits = new Map(waiting.map((rows) => [nodeId(rows.node), rows.waiting]));
    const begun = orderedGroups(byGroup(runs), order);
    const known = new Set(begun.map(({ node }) => nodeId(node)));
    // What is to begin first stands where the newest is.
    const coming = waiting.filter(({ node }) => !known.has(nodeId(node))).map(({ node }) => ({ node, runs: [] }));
    this.groupsById = new Map(
      [...coming, ...begun].map((group) => {
        const id = nodeId(group.node);
        return [id, { node: this.same(group.node), runs: group.runs, waiting: waits.get(id) ?? [] }];
      }),
    );
    this.forget(runs, waiting);
    if ([...before.keys()].join('\n') !== [...this.groupsById.keys()].join('\n')) return undefined;
    return this.groups.filter((group) => dirsOf(before.get(nodeId(group.node))) !== dirsOf(group)).map(({ node }) => node);
  }

  private same<T extends Node>(node: T): T {
    const id = nodeId(node);
    const known = this.nodes.get(id);
    if (!known) this.nodes.set(id, node);
    return (known ?? node) as T;
  }

  private forget(runs: readonly RunOverview[], waiting: readonly WaitingDirs[]): void {
    const kept = new Set([
      ...this.groupsById.keys(),
      ...runs.map(({ dir }) => nodeId({ kind: 'run', dir })),
      ...waiting.flatMap((rows) => rows.waiting.map((dir) => nodeId({ kind: 'waiting', dir }))),
    ]);
    for (const id of this.nodes.keys()) if (!kept.has(id)) this.nodes.delete(id);
  }
}

function dirsOf(group: TreeGroup | undefined): string {
  return group === undefined ? '' : [...group.runs.map(({ dir }) => dir), ...group.waiting.map((dir) => `waiting ${dir}`)].join('\n');
}
