import path from 'node:path';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { GroupNode, Node, RunNode } from '../runSelection.ts';

/** A group of the runs view with its runs as the view orders them. */
export interface TreeGroup {
  readonly node: GroupNode;
  readonly runs: readonly RunOverview[];
}

/** Identifies an element of the runs view. */
export function nodeId(node: Node): string {
  return node.kind === 'run' ? `run:${node.dir}` : `group:${node.runsDir}:${node.group}`;
}

/** Groups and runs as elements of the runs view. An element stays the same object for as long as what it stands for is there. */
export class RunTree {
  private nodes = new Map<string, Node>();
  private groupsById = new Map<string, TreeGroup>();

  /** Newest first. */
  get groups(): readonly TreeGroup[] {
    return [...this.groupsById.values()];
  }

  group(node: GroupNode): TreeGroup | undefined {
    return this.groupsById.get(nodeId(node));
  }

  runNode(dir: string): RunNode {
    return this.same({ kind: 'run', dir });
  }

  groupNode({ dir, record }: RunOverview): GroupNode {
    return this.same({ kind: 'group', runsDir: path.dirname(dir), group: record.group });
  }

  /** Takes in all runs there are, newest first. Returns the groups that have other runs than before; undefined: there are other groups. */
  update(runs: readonly RunOverview[]): readonly GroupNode[] | undefined {
    const before = this.groupsById;
    const members = new Map<GroupNode, RunOverview[]>();
    for (const run of runs) {
      const node = this.groupNode(run);
      const group = members.get(node);
      if (group) group.push(run);
      else members.set(node, [run]);
    }
    this.groupsById = new Map([...members].map(([node, group]) => [nodeId(node), { node, runs: asStarted(group) }]));
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
  for (const { record } of runs) if (record.createdAt < (first.get(record.estimator) ?? '~')) first.set(record.estimator, record.createdAt);
  const started = (run: RunOverview): string => `${first.get(run.record.estimator)} ${run.record.estimator}`;
  return runs.toSorted((a, b) => (started(a) < started(b) ? -1 : started(a) > started(b) ? 1 : a.record.seed - b.record.seed || (a.dir < b.dir ? -1 : 1)));
}

function dirsOf(group: TreeGroup | undefined): string {
  return group?.runs.map(({ dir }) => dir).join('\n') ?? '';
}
