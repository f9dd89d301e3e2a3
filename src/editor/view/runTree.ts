import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { byGroup, groupOf, nodeId } from '../runSelection.ts';
import { orderedGroups } from './runOrder.ts';
import type { RunOrder } from './runOrder.ts';
import type { GroupNode, Node, RunGroup, RunNode } from '../runSelection.ts';

/**
 * Groups and runs as elements of the runs view, the runs of a group in its order. An element stays the same object for as long as what
 * it stands for is there.
 */
export class RunTree {
  private nodes = new Map<string, Node>();
  private groupsById = new Map<string, RunGroup>();

  /** In the order of the last update. */
  get groups(): readonly RunGroup[] {
    return [...this.groupsById.values()];
  }

  group(node: GroupNode): RunGroup | undefined {
    return this.groupsById.get(nodeId(node));
  }

  runNode(dir: string): RunNode {
    return this.same({ kind: 'run', dir });
  }

  groupNode(run: RunOverview): GroupNode {
    return this.same(groupOf(run));
  }

  /** Takes in all runs there are, newest first. Returns the groups that have other runs than before, or in another order; undefined: so have the groups. */
  update(runs: readonly RunOverview[], order: RunOrder): readonly GroupNode[] | undefined {
    const before = this.groupsById;
    this.groupsById = new Map(
      orderedGroups(byGroup(runs), order).map((group) => [nodeId(group.node), { node: this.same(group.node), runs: group.runs }]),
    );
    this.forget(runs);
    if ([...before.keys()].join('\n') !== [...this.groupsById.keys()].join('\n')) return undefined;
    return this.groups.filter((group) => dirsOf(before.get(nodeId(group.node))) !== dirsOf(group)).map(({ node }) => node);
  }

  private same<T extends Node>(node: T): T {
    const id = nodeId(node);
    const known = this.nodes.get(id);
    if (!known) this.nodes.set(id, node);
    return (known ?? node) as T;
  }

  private forget(runs: readonly RunOverview[]): void {
    const kept = new Set([...this.groupsById.keys(), ...runs.map(({ dir }) => nodeId({ kind: 'run', dir }))]);
    for (const id of this.nodes.keys()) if (!kept.has(id)) this.nodes.delete(id);
  }
}

function dirsOf(group: RunGroup | undefined): string {
  return group?.runs.map(({ dir }) => dir).join('\n') ?? '';
}
