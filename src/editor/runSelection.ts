import path from 'node:path';
import { isObject } from '../core/records/json.ts';
import { listedRuns } from '../core/records/runState.ts';
import type { RunOverview } from '../runs/catalog/runOverview.ts';
import type { WorkspaceRuns } from './runs/workspaceRuns.ts';

/** A group of runs that were started together. */
export interface GroupNode {
  readonly kind: 'group';
  readonly runsDir: string;
  readonly group: string;
}

/** A run, by its directory. */
export interface RunNode {
  readonly kind: 'run';
  readonly dir: string;
}

/** A run that has not begun, by the directory that it will have. */
export interface WaitingNode {
  readonly kind: 'waiting';
  readonly dir: string;
}

/** An element of the runs view, and the argument of every command that is about runs. */
export type Node = GroupNode | RunNode | WaitingNode;

/**
 * What a command was called on: VS Code gives the element under the pointer and all selected ones; other callers give an element,
 * a list of them, or run directories; the menu of a chart gives a step and the runs that it may be of. Anything else counts as nothing.
 */
export function selectedNodes(...args: readonly unknown[]): readonly Node[] {
  const [first, second] = args;
  const all = Array.isArray(second) && second.length > 0 ? second : Array.isArray(first) ? first : (stepPlaceOf(first)?.runs ?? [first]);
  return all.flatMap((value: unknown): Node[] =>
    typeof value === 'string' ? [{ kind: 'run', dir: value }] : isNode(value) ? [value] : [],
  );
}

/** The step that a command was called on in a chart; null: none. */
export function stepCalledOn([first]: readonly unknown[]): number | null {
  return stepPlaceOf(first)?.step ?? null;
}

function stepPlaceOf(value: unknown): { readonly step: number | null; readonly runs: readonly unknown[] } | undefined {
  if (!isObject(value) || !Array.isArray(value['runs'])) return undefined;
  const { step } = value;
  return { step: typeof step === 'number' && Number.isFinite(step) ? step : null, runs: value['runs'] };
}

/**
 * The same for a command that may have been called by a key, which gives only the row that has the focus: all selected rows, where it is
 * one of them, as in every list of VS Code.
 * @param selection what is selected in the runs view.
 */
export function nodesCalledOn(args: readonly unknown[], selection: readonly Node[]): readonly Node[] {
  const [first, second] = args;
  return second === undefined && selection.some((node) => node === first) ? selection : selectedNodes(...args);
}

/**
 * The runs that nodes stand for, each once: of a group those that are listed, newest first. A run that is gone counts as nothing.
 * @param archived whether all runs of a group are meant.
 */
export function runsOf(nodes: readonly Node[], list: Pick<WorkspaceRuns, 'all' | 'get'>, archived = false): readonly RunOverview[] {
  const found = nodes.flatMap((node) => {
    if (node.kind === 'run') return list.get(node.dir) ?? [];
    if (node.kind === 'waiting') return [];
    const members = list.all.filter((run) => isIn(run, node));
    return archived ? members : listedRuns(members);
  });
  return [...new Set(found)];
}

/** Identifies a node. */
export function nodeId(node: Node): string {
  return node.kind === 'group' ? `group:${node.runsDir}:${node.group}` : `${node.kind}:${node.dir}`;
}

/** A group with those of its runs that are meant, which have begun. */
export interface RunGroup {
  readonly node: GroupNode;
  readonly runs: readonly RunOverview[];
}

/** Runs by their groups, in the order in which these come up. */
export function byGroup(runs: readonly RunOverview[]): readonly RunGroup[] {
  const groups = new Map<string, { readonly node: GroupNode; readonly runs: RunOverview[] }>();
  for (const run of runs) {
    const node = groupOf(run);
    const known = groups.get(nodeId(node));
    if (known) known.runs.push(run);
    else groups.set(nodeId(node), { node, runs: [run] });
  }
  return [...groups.values()];
}

/** The group that a run is in. */
export function groupOf({ dir, identity }: RunOverview): GroupNode {
  return { kind: 'group', runsDir: path.dirname(dir), group: identity.group };
}

/** Whether a run is in a group. */
export function isIn({ dir, identity }: RunOverview, { runsDir, group }: GroupNode): boolean {
  return identity.group === group && path.dirname(dir) === runsDir;
}

function isNode(value: unknown): value is Node {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  if (value.kind === 'run' || value.kind === 'waiting') return 'dir' in value && typeof value.dir === 'string';
  return (
    value.kind === 'group' && 'runsDir' in value && typeof value.runsDir === 'string' && 'group' in value && typeof value.group === 'string'
  );
}
