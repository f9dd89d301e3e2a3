import { silenceWords } from '../../core/records/collapseWords.ts';
import { counted, dateText, quantityText, scoreText } from '../../core/notation.ts';
import { lineageWords } from '../../core/branching/lineage.ts';
import { leftWords, progressWords, secondsLeft, waitingWords } from '../../core/records/progress.ts';
import { comparedAs, tellingName } from '../../core/records/runIdentity.ts';
import { hasCollapsed, hasEnded, hasFailed, isArchived, isForeign, isLive, isResumable, isStoppable } from '../../core/records/runState.ts';
import { groupTitle, startedAt } from '../../runs/catalog/groupTitles.ts';
import { progressOf, runName, toldOf } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import type { QueuedRun } from '../../runs/launcher/trainingPlan.ts';

/** An icon of VS Code's own, and the theme colour it is drawn in. */
interface RowIcon {
  readonly id: string;
  readonly color?: string;
}

/** What a row of the runs view shows. */
export interface Row {
  readonly label: string;
  readonly description: string;
  readonly icon: RowIcon;
  /** What a screen reader says. */
  readonly spoken: string;
  /** What the menus look at; see "view/item/context" in package.json. */
  readonly context: string;
}

const icons: Readonly<Record<RunOverview['process'], RowIcon>> = {
  starting: { id: 'loading~spin' },
  running: { id: 'pulse', color: 'charts.blue' },
  finished: { id: 'check', color: 'charts.green' },
  stopped: { id: 'debug-stop', color: 'disabledForeground' },
  failed: { id: 'error', color: 'list.errorForeground' },
  lost: { id: 'question', color: 'list.warningForeground' },
  idle: { id: 'circle-outline', color: 'disabledForeground' },
};
const collapsedIcon: RowIcon = { id: 'flame', color: 'errorForeground' };
const silentIcon: RowIcon = { id: 'warning', color: 'list.warningForeground' };

/** How a row is shown. */
export interface RowChoices {
  /** Whether the label says the run's name, as among runs of several names. */
  readonly isNamed?: boolean;
  /** What the run waits for, before it goes on; left out: it does not. */
  readonly waits?: string | undefined;
  /** Of a branch: what the run that it comes from is called; left out: by its id. */
  readonly origin?: string | undefined;
}

/** @param marksCollapse whether the icon tells a collapse, and a silence. */
export function runRow(run: RunOverview, marksCollapse: boolean, { isNamed = false, waits, origin }: RowChoices = {}): Row {
  const { identity } = run;
  const name = tellingName(identity);
  const progress = progressOf(run);
  const words = progressWords(progress);
  // How many steps it took says least of a run that took them all.
  const parts = run.exit?.reason === 'completed' ? [...numberWords(run), words] : [words, ...numberWords(run)];
  const what = [comparedAs(identity), ...(identity.seed === null ? [] : [`s${identity.seed}`])].join(' · ');
  const { branchedFrom } = identity;
  const { name: given, tags = [] } = identity.label ?? {};
  const isRenamed = given !== undefined && given !== what;
  const description = [
    waits ?? '',
    branchedFrom === undefined ? '' : lineageWords(branchedFrom, origin ?? branchedFrom.id),
    isRenamed ? what : '',
    isArchived(run) ? 'archived' : '',
    collapseWords(run),
    ...parts,
    leftWords(secondsLeft(progress)),
    ...tags.map((tag) => `#${tag}`),
  ]
    .filter((part) => part !== '')
    .join(' · ');
  return {
    // Below the run that it comes from, as far as a tree of two levels shows that.
    label: `${branchedFrom === undefined ? '' : '↳ '}${isRenamed ? given : [...(isNamed && name !== null ? [name] : []), what].join(' · ')}`,
    description,
    icon: (marksCollapse ? collapseIcon(run) : undefined) ?? icons[run.process],
    spoken: spoken(run, description),
    context: contextOf(run, waits !== undefined),
  };
}

function collapseIcon({ collapse }: RunOverview): RowIcon | undefined {
  if (collapse === 'collapsed') return collapsedIcon;
  return collapse === 'silent' ? silentIcon : undefined;
}

/** The row of a run that has not begun. */
export interface WaitingRun {
  readonly plan: Pick<QueuedRun, 'name' | 'estimator' | 'seed'>;
  /** What it waits for; null: nothing will begin it. */
  readonly waits: string | null;
  /** Runs that wait behind it and have no rows. */
  readonly more: number;
}

export function waitingRow({ plan, waits, more }: WaitingRun): Row {
  const words = waits ?? waitingWords('cancelled');
  return {
    label: `${plan.estimator} · s${plan.seed}`,
    description: [words, ...(more > 0 ? [`${more} more behind it`] : [])].join(' · '),
    icon: waits === null ? icons.lost : { id: 'watch', color: 'disabledForeground' },
    spoken: `${plan.estimator} seed ${plan.seed}, ${words}${more > 0 ? `, ${more} more behind it` : ''}`,
    context: waits === null ? 'waiting.lost' : 'waiting.queued',
  };
}

function contextOf(run: RunOverview, isQueued: boolean): string {
  const archived = isArchived(run) ? '.archived' : '';
  if (isForeign(run)) return `foreign${archived}`;
  if (isQueued) return `run.ended.queued${archived}`;
  return isLive(run) ? 'run.live' : `${isResumable(run) ? 'run.ended.resumable' : 'run.ended'}${archived}`;
}

/** The description in words, with the state of the process where it does not say that already. */
function spoken(run: RunOverview, description: string): string {
  const words = description.replaceAll(' · ', ', ').replace('|g|', 'gradient norm');
  return [runName(run), ...(words.includes(run.process) ? [] : [run.process]), words].join(', ');
}

export interface GroupState {
  /** The runs of the group that have begun. */
  readonly runs: readonly RunOverview[];
  /** What the group is called where none has. */
  readonly title?: string;
  /** Runs that have not begun, and whether anything will begin them. */
  readonly waiting: number;
  /** Of the runs, those that have ended and wait to go on. */
  readonly resuming?: number;
  readonly isQueueLost: boolean;
}

export function groupRow({ runs, title = '', waiting, resuming = 0, isQueueLost }: GroupState, marksCollapse: boolean): Row {
  const all = runs.length + waiting;
  const ended = runs.filter(hasEnded).length - resuming;
  const collapsed = runs.filter(hasCollapsed).length;
  const silent = runs.filter(({ collapse }) => collapse === 'silent').length;
  const broken = runs.filter(hasFailed).length;
  const parts = [ended === all ? `${all} ended` : `${ended} of ${all} ended`];
  if (waiting + resuming > 0) parts.push(isQueueLost ? `${waiting} never started` : `${waiting + resuming} waiting`);
  if (collapsed > 0) parts.push(`${collapsed} collapsed`);
  if (silent > 0) parts.push(`${silent} silent`);
  if (broken > 0) parts.push(`${broken} failed`);
  const [first] = runs;
  const label = first ? groupTitle(first) : title;
  const started = first ? dateText(startedAt(runs)) : '';
  const isArchivedGroup = runs.length > 0 && runs.every(isArchived);
  const live = runs.some(isStoppable) || (waiting + resuming > 0 && !isQueueLost);
  const resumable = runs.some(isResumable) || (waiting > 0 && isQueueLost);
  const mark = collapsed > 0 ? collapsedIcon : silent > 0 ? silentIcon : undefined;
  const color = marksCollapse ? mark?.color : undefined;
  return {
    label,
    // Where the title tells groups of one name apart by their times, that is enough.
    description: [...(isArchivedGroup ? ['archived'] : []), ...parts, ...(label.endsWith(started) ? [] : [started])].join(' · '),
    icon: { id: live ? 'layers-active' : 'layers', ...(color !== undefined && { color }) },
    spoken: `Group ${label}, ${[...(isArchivedGroup ? ['archived'] : []), ...parts, ...(first ? [`started ${started}`] : [])].join(', ')}`,
    context: `${groupContext(runs, live, resumable)}${isArchivedGroup ? '.archived' : ''}`,
  };
}

function groupContext(runs: readonly RunOverview[], live: boolean, resumable: boolean): string {
  if (runs.length > 0 && runs.every(isForeign)) return 'foreignGroup';
  return `group.${live ? 'live' : 'ended'}${resumable ? '.resumable' : ''}`;
}

function collapseWords(run: RunOverview): string {
  const { collapse, onsetStep } = run;
  if (collapse === 'collapsed') return `collapsed at ${onsetStep}`;
  const now = troubleWords(run);
  return [now, onsetStep === null ? '' : `recovered from ${onsetStep}`].filter((part) => part !== '').join(' · ');
}

/** What is the matter with a run that is not collapsed now. */
function troubleWords(run: RunOverview): string {
  switch (run.collapse) {
    case 'unstable':
      return isLive(run) ? 'unstable' : '';
    case 'silent':
      return silenceWords(toldOf(run));
    case 'unknown':
      return run.step === 0 ? '' : 'not judged';
    case 'collapsed':
    case 'healthy':
    case 'spike':
    case 'recovered':
      return '';
  }
}

function numberWords({ step, score, gradNorm }: RunOverview): readonly string[] {
  if (step === 0) return [];
  return [
    ...(Number.isNaN(score) ? [] : [`score ${scoreText(score)}`]),
    ...(Number.isNaN(gradNorm) ? [] : [`|g| ${quantityText(gradNorm)}`]),
  ];
}

/**
 * What the status bar says: how many runs are active, how many collapses nobody has seen, and how many of the active runs are silent.
 *
 * @param runs.unseen those whose collapse nobody has seen
 */
export function statusText({ live, unseen }: { readonly live: readonly RunOverview[]; readonly unseen: readonly RunOverview[] }): {
  readonly text: string;
  readonly spoken: string;
} {
  const silent = live.filter(({ collapse }) => collapse === 'silent').length;
  const counts = [
    ...(live.length > 0 ? [counted(live.length, 'run')] : []),
    ...(unseen.length > 0 ? [`${unseen.length} collapsed`] : []),
    ...(silent > 0 ? [`${silent} silent`] : []),
  ];
  const icon = unseen.length > 0 ? 'flame' : silent > 0 ? 'warning' : 'pulse';
  const going = live.length === 0 ? 'no run is active' : `${counted(live.length, 'run')} active`;
  return {
    text: `$(${icon}) ${counts.length > 0 ? counts.join(' · ') : 'OTB'}`,
    spoken: `OTB: ${[going, counted(unseen.length, 'new collapse'), ...(silent > 0 ? [`${silent} silent`] : [])].join(', ')}`,
  };
}
