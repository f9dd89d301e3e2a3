import { counted, percentText } from '../src/core/notation.ts';
import { hasCollapsed, isLive } from '../src/core/records/runState.ts';
import { namesText, notJudgedTexts } from '../src/core/collapse/sentences.ts';
import { panelProgress } from '../src/core/panel/panelRun.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import type { XAxisKind } from '../src/core/panel/view.ts';
import { silenceSentences } from '../src/core/records/collapseWords.ts';
import type { ToldRun } from '../src/core/records/collapseWords.ts';
import { collapseCall } from '../src/core/records/events.ts';
import type { CollapseEvent } from '../src/core/records/events.ts';
import { startWords, waitingWords } from '../src/core/records/progress.ts';
import type { IconName } from './icons.ts';

/** A state in words, with the picture that stands beside them; `tone` gives its colour. */
export interface StateText {
  readonly text: string;
  readonly icon: IconName;
  readonly tone: 'bad' | 'warning' | 'live' | 'plain';
  /** What the words mean, where they do not say it themselves. */
  readonly title?: string;
}

const processes: Readonly<Record<PanelRun['process'], StateText>> = {
  waiting: { text: waitingWords('waiting'), icon: 'clock', tone: 'plain' },
  cancelled: {
    text: waitingWords('cancelled'),
    icon: 'question',
    tone: 'plain',
    title: 'The process that was to start it is gone: resume the group to start it',
  },
  starting: { text: 'starting', icon: 'clock', tone: 'live' },
  running: { text: 'running', icon: 'running', tone: 'live' },
  finished: { text: 'finished', icon: 'check', tone: 'plain' },
  stopped: { text: 'stopped', icon: 'stop', tone: 'plain' },
  failed: { text: 'failed', icon: 'error', tone: 'bad' },
  lost: { text: 'lost', icon: 'question', tone: 'bad' },
  idle: {
    text: 'idle',
    icon: 'clock',
    tone: 'plain',
    title: 'Nothing has been written to its files for a while, and they do not say whether it has ended',
  },
};

/** What the detector says of the run; null: only the state of its process is shown. */
const collapses: Readonly<Record<PanelRun['collapse'], StateText | null>> = {
  healthy: null,
  unknown: { text: 'not judged', icon: 'question', tone: 'plain' },
  silent: { text: 'silent', icon: 'warning', tone: 'warning' },
  spike: { text: 'spike', icon: 'spike', tone: 'warning' },
  unstable: { text: 'unstable', icon: 'warning', tone: 'warning' },
  collapsed: { text: 'collapsed', icon: 'warning', tone: 'bad' },
  recovered: { text: 'recovered', icon: 'warning', tone: 'warning' },
};

/** What the detector has said of a run, for words about it. */
export function toldOf({ collapse, marks }: PanelRun): ToldRun {
  return { collapse, events: marks };
}

/** "collapsed, running". A spike that is over with the run is not worth a word. */
export function stateText(run: PanelRun): StateText {
  const process = processText(run);
  const isTold = (run.collapse !== 'spike' || run.process !== 'finished') && (run.collapse !== 'unknown' || run.numbers.step !== null);
  const collapse = isTold ? collapses[run.collapse] : null;
  if (collapse === null) return process;
  if (process.tone === 'bad') return { ...process, text: `${process.text}, ${collapse.text}` };
  const title = silenceSentences(toldOf(run)) || (process.title ?? '');
  return {
    ...collapse,
    ...(title !== '' && { title }),
    text: run.process === 'finished' ? collapse.text : `${collapse.text}, ${process.text}`,
  };
}

function processText(run: PanelRun): StateText {
  const { process, note } = run;
  if (process === 'starting') return { ...processes.starting, text: startWords(panelProgress(run)) };
  // What it waits for is too much for a cell.
  return process === 'waiting' && note !== null ? { ...processes.waiting, title: note } : processes[process];
}

/**
 * How many runs are in which state: what their processes do, which adds up to all runs, worst first, as in "1 failed", "3 running";
 * then how many of all runs collapsed, are unstable or silent, as in "2 of 4 collapsed".
 */
export function stateCounts(runs: readonly PanelRun[]): readonly (StateText & { readonly count: number })[] {
  const counted = (state: StateText, holds: (run: PanelRun) => boolean): StateText & { count: number } => ({
    ...state,
    count: runs.filter(holds).length,
  });
  const ofAll = runs.length === 1 ? '' : `of ${runs.length} `;
  const collapsed: StateText = { text: `${ofAll}collapsed`, icon: 'warning', tone: 'bad' };
  const unstable: StateText = { text: `${ofAll}unstable`, icon: 'warning', tone: 'warning' };
  const silent: StateText = { text: `${ofAll}silent`, icon: 'warning', tone: 'warning' };
  return [
    ...(['failed', 'lost', 'starting', 'running', 'idle', 'stopped', 'finished', 'waiting', 'cancelled'] as const).map((name) =>
      counted(processes[name], (run) => run.process === name),
    ),
    counted(collapsed, hasCollapsed),
    counted(unstable, (run) => run.collapse === 'unstable'),
    counted(silent, (run) => run.collapse === 'silent'),
  ].filter(({ count }) => count > 0);
}

/** Why there is nothing to draw, and what comes next. Null: the extension has not sent the runs yet. */
export function emptyText(runs: readonly PanelRun[] | null): string {
  if (runs === null) return 'Loading the runs…';
  if (runs.length === 0) return 'There are no runs here. They have not started yet, or their directories were deleted.';
  if (runs.some((run) => run.numbers.step !== null && run.numbers.step > 0)) return 'Loading the metrics…';
  const warm = Math.max(...runs.filter(isLive).map((run) => run.warmStart ?? -1));
  if (warm >= 0) return `Waiting for the first step, which follows the warm start (${percentText(warm)} done).`;
  if (runs.some(isLive)) return 'Waiting for the first step.';
  const count = (process: PanelRun['process']): string => counted(runs.filter((run) => run.process === process).length, 'run');
  const next = runs.find(({ process }) => process === 'waiting');
  if (next !== undefined) {
    const reason = next.note === null ? '' : ` ${next.label}: ${next.note}.`;
    return `No run has started yet. ${count('waiting')} waiting.${reason}`;
  }
  if (runs.every(({ process }) => process === 'cancelled'))
    return `${count('cancelled')} never started: the process that was to start them is gone. Resume the group to start them.`;
  return 'No run has finished a step.';
}

/** What the detector said when the run collapsed. */
export function collapseMark({ marks, detectedStep }: PanelRun): CollapseEvent | null {
  return collapseCall(marks, detectedStep) ?? null;
}

/** "onset at step 137, noticed at step 154". */
export function onsetText({ onsetStep, detectedStep }: PanelRun): string {
  if (onsetStep === null) return 'onset unknown';
  return `onset at step ${onsetStep}${detectedStep === null || detectedStep === onsetStep ? '' : `, noticed at step ${detectedStep}`}`;
}

/** "dr_grpo seed 1 and opo seed 1 log no token counts and are not drawn on this axis."; nothing of no runs. */
export function unplacedText(runs: readonly PanelRun[], x: XAxisKind): string {
  if (runs.length === 0) return '';
  const subject = namesText(runs.map(({ label }) => label));
  const lacking = x === 'tokens' ? 'token counts' : 'times';
  return runs.length === 1
    ? `${subject} logs no ${lacking} and is not drawn on this axis.`
    : `${subject} log no ${lacking} and are not drawn on this axis.`;
}

/** "dr_grpo seed 1: Steps 1 to 80 of an earlier run …", a sentence for each run whose charts do not show all of its file. */
export function notShownText(runs: readonly PanelRun[]): string {
  return runs.flatMap(({ label, notShown = [] }) => notShown.map((sentence) => `${label}: ${sentence}`)).join(' ');
}

/** What cannot be judged of the runs, in sentences; empty: everything can. */
export function unjudgedText(runs: readonly PanelRun[]): string {
  return notJudgedTexts(runs.map(({ label, notJudged }) => ({ name: label, notJudged }))).join(' ');
}
