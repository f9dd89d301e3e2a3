import path from 'node:path';
import { describedRun, seriesOf } from '../../core/comparison/groups.ts';
import type { ParameterValue } from '../../core/comparison/groups.ts';
import { countedOnce } from '../../core/comparison/repeats.ts';
import { fewText } from '../../core/notation.ts';
import type { PanelBranch } from '../../core/panel/panelRun.ts';
import type { PanelSubject } from '../../core/panel/view.ts';
import { bySeed } from '../../core/records/runIdentity.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { listedRuns } from '../../core/records/runState.ts';
import type { RunPhase } from '../../core/records/runState.ts';
import { tellingParts } from '../sources/sourceName.ts';
import { groupKey, groupTitle } from '../catalog/groupTitles.ts';
import { isThere, runName, tellingTitle } from '../catalog/runOverview.ts';
import type { CatalogChange, GroupRun, RunOverview } from '../catalog/runOverview.ts';
import { comingRuns, nothingWaits, phaseOf } from '../launcher/waitingRuns.ts';
import type { Waiting } from '../launcher/waitingRuns.ts';

/** A run of a panel, and what it is called there. */
export interface PanelMember {
  readonly run: GroupRun;
  /** What it does, or waits for. */
  readonly phase: RunPhase;
  /** "dr_grpo seed 2". */
  readonly label: string;
  readonly series: string;
  /** What its group is called, where the panel shows several. */
  readonly group?: string;
  /** The config values that differ among the runs of the panel; where it shows some series of a group: among those of the group. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Directory of the run of the same config and seed that counts instead of it; null: it counts. */
  readonly repeatOf: string | null;
  /** Of a branch, where it comes from; left out: it is none. */
  readonly branchedFrom?: PanelBranch;
}

/** How soon a change has to be told: at once, where a run came, went, ended, or collapsed; with the next numbers; or not at all. */
export type Urgency = 'now' | 'soon' | 'never';

/** The runs of a panel, in the order of its legend. One that is deleted stays, and says so, for as long as the panel is open. */
export class PanelMembers {
  readonly subject: PanelSubject;
  private members: readonly PanelMember[] = [];
  /** As they were last. */
  private readonly deleted = new Map<string, RunOverview>();
  /** What was to come when they were last put together. */
  private waited = '';

  /** `waiting`: what is still to come in the group, where the panel shows one. */
  constructor(
    subject: PanelSubject,
    runs: readonly RunOverview[],
    private readonly waiting: () => Waiting = () => nothingWaits,
  ) {
    this.subject = subject;
    this.assemble(runs);
  }

  get all(): readonly PanelMember[] {
    return this.members;
  }

  /** Takes in what changed in a catalog; `runs`: all that it has now. */
  update({ added, changed, removed }: CatalogChange, runs: readonly RunOverview[]): Urgency {
    const mine = new Map(this.members.map(({ run }) => [run.dir, run]));
    const came = added.filter((run) => mine.has(run.dir) || belongs(this.subject, run));
    const went = removed.filter((run) => mine.has(run.dir));
    // What somebody says of a run may be what it is called, or that it does not belong here any more.
    const isRelabelled = changed.some((run) => belongs(this.subject, run) && mine.get(run.dir)?.identity.label !== run.identity.label);
    if (came.length > 0 || went.length > 0 || isRelabelled) {
      for (const run of went) this.deleted.set(run.dir, afterDeletion(lastOf(mine.get(run.dir)) ?? run));
      for (const run of came) this.deleted.delete(run.dir);
      this.assemble(runs);
      return 'now';
    }
    const news = new Map(changed.filter((run) => mine.has(run.dir)).map((run) => [run.dir, run]));
    if (news.size === 0) return 'never';
    const waiting = this.waiting();
    const withNews = this.members.map((member) => {
      const run = news.get(member.run.dir) ?? member.run;
      return { ...member, run, phase: phaseOf(run, waiting) };
    });
    this.members = withRepeats(withNews);
    return [...news.values()].some((run) => isUrgent(mine.get(run.dir), run)) ? 'now' : 'soon';
  }

  /** Takes in what is still to come. Returns whether that is something else than before. */
  updateWaiting(runs: readonly RunOverview[]): boolean {
    if (keyOf(this.waiting()) === this.waited) return false;
    this.assemble(runs);
    return true;
  }

  private assemble(runs: readonly RunOverview[]): void {
    const there = new Set(runs.map((run) => run.dir));
    const deleted = [...this.deleted.values()].filter((run) => !there.has(run.dir));
    const waiting = this.waiting();
    this.waited = keyOf(waiting);
    this.members = membersOf(this.subject, [...runs, ...deleted], waiting);
  }
}

/** What a panel is called. */
export function panelTitle({ subject, all }: PanelMembers): string {
  const [only] = all;
  if (only === undefined) return subject.kind === 'group' ? subject.group : 'no runs';
  const names = [...new Set(all.map(({ run }) => (run.group?.isOfRuns === true ? run.group.title : run.identity.name)))];
  const groups = [...new Set(all.map(({ run }) => groupTitle(run)))];
  const name = fewText(names.length > mostNamed ? groups : names, mostNamed);
  if (subject.kind === 'group') return subject.series === null ? name : `${name} · ${subject.series.join(', ')}`;
  if (all.length > 1) return `${name} · ${all.length} runs`;
  return tellingTitle(only.run) === null ? only.label : `${name} · ${only.label}`;
}

/** More would not fit a tab. */
const mostNamed = 3;

function keyOf({ runs, resuming, isLost, reasons }: Waiting): string {
  return JSON.stringify([runs.map(({ id }) => id), resuming, isLost, reasons]);
}

/** A run that there is, or that is to come. */
export interface PlacedRun {
  readonly dir: string;
  readonly identity: Pick<RunIdentity, 'group' | 'createdAt'>;
}

/** In the order in which they were started. */
export function oldestFirst<Run extends PlacedRun>(runs: readonly Run[]): Run[] {
  return runs.toSorted((a, b) => a.identity.createdAt.localeCompare(b.identity.createdAt) || a.dir.localeCompare(b.dir));
}

/** Whether a run is a panel's, judged by the run alone. */
export function belongs(subject: PanelSubject, { dir, identity }: PlacedRun): boolean {
  if (subject.kind === 'runs') return subject.runs.includes(dir);
  return identity.group === subject.group && path.dirname(dir) === subject.runsDir;
}

/** Runs that are still to come stand behind those that there are, in the order of their turns: that is where they will stand when they begin. */
function membersOf(subject: PanelSubject, runs: readonly RunOverview[], waiting: Waiting): readonly PanelMember[] {
  const own = runs.filter((run) => belongs(subject, run));
  const hasSeveralGroups = new Set(own.map(groupKey)).size > 1;
  const coming =
    subject.kind === 'group'
      ? comingRuns(subject.runsDir, waiting).map((run) => ({ ...run, ...(own[0]?.group && { group: own[0].group }) }))
      : [];
  const series = seriesOf<GroupRun>([...oldestFirst(subject.kind === 'group' ? listedRuns(own) : own), ...coming], describedRun);
  const shown =
    subject.kind === 'group' && subject.series !== null ? series.filter(({ label }) => subject.series?.includes(label)) : series;
  const members = shown.flatMap(({ label, parameters, runs: same }) =>
    same
      .toSorted((a, b) => bySeed(a.identity, b.identity))
      .map((run) => ({
        run,
        phase: phaseOf(run, waiting),
        label:
          run.identity.label?.name ??
          (run.identity.seed === null || run.identity.branchedFrom ? label : `${label} seed ${run.identity.seed}`),
        series: label,
        ...(hasSeveralGroups && { group: groupTitle(run) }),
        parameters,
        repeatOf: null,
      })),
  );
  const uses = new Map<string, number>();
  for (const { label } of members) uses.set(label, (uses.get(label) ?? 0) + 1);
  const named = members.map((member) =>
    (uses.get(member.label) ?? 0) > 1 ? { ...member, label: `${member.label} (${whichOf(member.run)})` } : member,
  );
  return withRepeats(withOrigins(named, runs));
}

/** Branches with what the runs that they come from are called, as far as these are there. */
function withOrigins(members: readonly PanelMember[], all: readonly RunOverview[]): readonly PanelMember[] {
  return members.map((member) => {
    const origin = member.run.identity.branchedFrom;
    if (origin === undefined) return member;
    const run = members.find(({ run: other }) => other.identity.id === origin.id);
    const other = run ? undefined : all.find(({ identity }) => identity.id === origin.id);
    return {
      ...member,
      branchedFrom: { run: run?.run.dir ?? null, name: run?.label ?? (other ? runName(other) : origin.id), step: origin.step },
    };
  });
}

/** What tells a run from another of the same name: its id begins with the time of its start; of another program's, where it is. */
function whichOf({ dir, identity: { kind, id } }: GroupRun): string {
  return kind === 'foreign' ? tellingParts(dir).slice(-2).join('/') : id.slice(0, 15);
}

/** The members, each with the run that counts instead of it, which may be another one as they go on. */
function withRepeats(members: readonly PanelMember[]): readonly PanelMember[] {
  const repeats = new Map<PanelMember, string>();
  for (const series of new Set(members.map((member) => member.series))) {
    const same = members.filter((member) => member.series === series);
    const counted = countedOnce(same, ({ run: { identity, step } }) => ({ seed: identity.seed, step, config: identity.config }));
    for (const { run, of } of counted.repeats) repeats.set(run, of.run.dir);
  }
  return members.map((member) => ({ ...member, repeatOf: repeats.get(member) ?? null }));
}

function lastOf(run: GroupRun | undefined): RunOverview | undefined {
  return run && isThere(run) ? run : undefined;
}

function afterDeletion(run: RunOverview): RunOverview {
  return { ...run, process: 'lost', isDeleted: true, note: 'Its directory is gone from here: it was deleted, moved or renamed.' };
}

function isUrgent(before: GroupRun | undefined, after: GroupRun): boolean {
  return (
    before === undefined ||
    before.process !== after.process ||
    before.collapse !== after.collapse ||
    before.onsetStep !== after.onsetStep ||
    before.note !== after.note ||
    before.identity !== after.identity ||
    before.stepNotes !== after.stepNotes ||
    before.collapseEvents.length !== after.collapseEvents.length
  );
}
