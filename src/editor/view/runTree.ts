import { bySeed, comparedAs } from '../../core/records/runIdentity.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { byGroup, groupOf, nodeId } from '../runSelection.ts';
import type { GroupNode, Node, RunGroup, RunNode } from '../runSelection.ts';

/**
 * Groups and runs as elements of the runs view, the runs of a group in its order. An element stays the same object for as long as what
 * it stands for is there.
 */
export class RunTree {
  private nodes = new Map<string, Node>();
  private groupsById = new Map<string, RunGroup>();

  /** Newest first. */
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

  /** Takes in all runs there are, newest first. Returns the groups that have other runs than before; undefined: there are other groups. */
  update(runs: readonly RunOverview[]): readonly GroupNode[] | undefined {
    const before = this.groupsById;
    this.groupsById = new Map(
      byGroup(runs).map((group) => [nodeId(group.node), { node: this.same(group.node), runs: asStarted(group.runs) }]),
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

/** In the order of the config: estimators as they were started, each with its seeds in ascending order. */
function asStarted(runs: readonly RunOverview[]): readonly RunOverview[] {
  const first = new Map<string, string>();
  for (const { identity } of runs)
    if (identity.createdAt < (first.get(comparedAs(identity)) ?? '~')) first.set(comparedAs(identity), identity.createdAt);
  const started = (run: RunOverview): string => `${first.get(comparedAs(run.identity))} ${comparedAs(run.identity)}`;
  return runs.toSorted((a, b) =>
    started(a) < started(b) ? -1 : started(a) > started(b) ? 1 : bySeed(a.identity, b.identity) || (a.dir < b.dir ? -1 : 1),
  );
}

function dirsOf(group: RunGroup | undefined): string {
  return group?.runs.map(({ dir }) => dir).join('\n') ?? '';
}
