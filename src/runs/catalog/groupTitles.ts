import path from 'node:path';
import { dateText } from '../../core/notation.ts';
import { isForeign } from '../../core/records/runState.ts';
import { tellingParts } from '../sources/sourceName.ts';
import type { GroupRun, RunOverview } from './runOverview.ts';

type GroupedRun = Pick<RunOverview, 'dir' | 'identity'>;

/** What a group of runs is called, everywhere. */
export interface GroupTitle {
  /** "ledger"; where several groups are called that: "ledger · 23 Nov, 18:24". */
  readonly title: string;
  /** Whether that is instead of the name of its runs: they have one, or somebody gave the group another. */
  readonly isOfRuns: boolean;
}

/** Tells groups apart: those in one folder by their ids. */
export function groupKey({ dir, identity }: GroupedRun): string {
  return `${path.dirname(dir)}\0${identity.group}`;
}

export function hasSeveralNames(runs: readonly GroupedRun[]): boolean {
  return runs.some(({ identity }) => identity.name !== runs[0]?.identity.name);
}

/** What the group of a run is called. */
export function groupTitle({ identity, group }: Pick<GroupRun, 'identity' | 'group'>): string {
  return group?.title ?? identity.group;
}

/** The name that all runs of a group have; of runs with several, which another program may have put together, the group's own. */
function groupName(runs: readonly GroupedRun[]): string {
  const [first] = runs;
  const isNamed = hasSeveralNames(runs) || (first !== undefined && isForeign(first) && first.identity.group !== '');
  return (isNamed ? first?.identity.group : first?.identity.name) ?? '';
}

interface NamedGroup {
  readonly key: string;
  readonly name: string;
  readonly isOfRuns: boolean;
  readonly runs: readonly GroupedRun[];
}

/**
 * What the groups of runs are called, by their keys. Those of one name are told apart by when they were started, or where they are.
 * @param given the name that somebody gave to a group.
 */
export function groupTitles(
  runs: readonly GroupedRun[],
  given: (runsDir: string, group: string) => string | undefined,
): ReadonlyMap<string, GroupTitle> {
  const members = new Map<string, GroupedRun[]>();
  for (const run of runs) {
    const known = members.get(groupKey(run));
    if (known) known.push(run);
    else members.set(groupKey(run), [run]);
  }
  const byName = new Map<string, NamedGroup[]>();
  for (const [key, own] of members) {
    const [first] = own;
    if (!first) continue;
    const name = given(path.dirname(first.dir), first.identity.group);
    const group = { key, name: name ?? groupName(own), isOfRuns: !hasSeveralNames(own), runs: own };
    byName.set(group.name, [...(byName.get(group.name) ?? []), group]);
  }
  return new Map([...byName.values()].flatMap((same) => distinct(same).map((title, index) => [same[index]?.key ?? '', title])));
}

/** Titles of groups of one name, in their order. */
function distinct(groups: readonly NamedGroup[]): readonly GroupTitle[] {
  const telling = groups.length === 1 ? [] : tellingTexts(groups);
  return groups.map(({ name, isOfRuns }, index) => ({
    title: telling[index] === undefined ? name : `${name} · ${telling[index]}`,
    isOfRuns,
  }));
}

function tellingTexts(groups: readonly NamedGroup[]): readonly string[] {
  for (const sign of signs) {
    const texts = groups.map(sign);
    if (new Set(texts).size === groups.length) return texts;
  }
  return [];
}

/** What may tell groups of one name apart; the first that does is shown. */
const signs: readonly ((group: NamedGroup) => string)[] = [
  ({ runs }) => dateText(startedAt(runs)),
  ({ runs }) => dateText(startedAt(runs), 'whole'),
  ({ runs }) => tellingParts(folderOf(runs)).slice(-2).join('/'),
  ({ runs }) => runs[0]?.identity.group ?? '',
  ({ runs }) => `${folderOf(runs)}/${runs[0]?.identity.group}`,
];

/** When the first of the runs was started, ISO 8601; empty: not known. */
export function startedAt(runs: readonly GroupedRun[]): string {
  return runs.reduce((first, { identity: { createdAt } }) => (createdAt < first ? createdAt : first), runs[0]?.identity.createdAt ?? '');
}

function folderOf([first]: readonly GroupedRun[]): string {
  return path.dirname(first?.dir ?? '');
}
