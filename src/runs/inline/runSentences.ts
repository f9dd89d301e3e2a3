import { countText, listText, quantityText, scoreText, valueText } from '../../core/notation.ts';
import { laterSurgesText, silenceWords } from '../../core/records/collapseWords.ts';
import { collapseCall } from '../../core/records/events.ts';
import { startWords } from '../../core/records/progress.ts';
import { hasCollapsed, hasFailed, isLive } from '../../core/records/runState.ts';
import { sparkline } from '../../core/inline/sparkline.ts';
import { mean, median } from '../../core/statistics/quantiles.ts';
import { toldOf } from '../catalog/runOverview.ts';
import type { OwnRun } from '../catalog/runOverview.ts';
import type { StartedGroup } from './configRuns.ts';
import type { ChangedValue } from './trainingChanges.ts';

/** What stands behind an estimator. */
export interface AfterText {
  readonly text: string;
  readonly tone: 'muted' | 'warning';
}

/**
 * Sparkline of the gradient norm and latest numbers of an estimator's runs; undefined: there are none. An estimator that shares its
 * line with others gets the short form.
 */
export function afterText(runs: readonly OwnRun[], form: 'long' | 'short'): AfterText | undefined {
  const shown = runs.find((run) => run === earliestCollapse(runs)) ?? runs.find(isSilent) ?? runs.find(isLive) ?? runs[0];
  if (!shown) return undefined;
  const fallen = runs.filter(hasCollapsed);
  const silent = runs.filter(isSilent);
  const silence = silenceText(runs, silent);
  const words = fallen.length > 0 ? [collapseWords(runs, fallen, form), silence] : [silence, progressWords(runs, form)];
  const told = words.filter((part) => part !== '').join(' · ');
  const line = sparkline(shown.sparkline, form === 'long' ? 12 : 8);
  return { text: [line, told].filter((part) => part !== '').join(' '), tone: fallen.length + silent.length > 0 ? 'warning' : 'muted' };
}

function isSilent({ collapse }: OwnRun): boolean {
  return collapse === 'silent';
}

/** "silent since step 120", "2 of 3 silent"; empty: none is. */
function silenceText(runs: readonly OwnRun[], [first, ...others]: readonly OwnRun[]): string {
  if (!first) return '';
  return runs.length === 1 ? silenceWords(toldOf(first)) : `${countText(1 + others.length, runs.length)} silent`;
}

function collapseWords(runs: readonly OwnRun[], fallen: readonly OwnRun[], form: 'long' | 'short'): string {
  const onset = earliestCollapse(fallen)?.onsetStep;
  const at = onset === null || onset === undefined ? '' : ` at ${onset}`;
  if (runs.length === 1) return `collapsed${at}`;
  if (form === 'short') return `${fallen.length}/${runs.length} collapsed`;
  return `${countText(fallen.length, runs.length)} collapsed${fallen.length === 1 ? at : `, first${at}`}${runs.some(isLive) ? ` · ${stepText(runs)}` : ''}`;
}

function progressWords(runs: readonly OwnRun[], form: 'long' | 'short'): string {
  const first = runs[0];
  if (!first) return '';
  const begun = runs.filter((run) => run.step > 0);
  const warm = Math.max(...runs.map((run) => (Number.isNaN(run.warmStart) ? -1 : run.warmStart)));
  if (begun.length === 0 && runs.some(isLive)) return startWords({ warmStart: warm >= 0 ? warm : Number.NaN });
  const score = mean(begun.map((run) => run.score).filter(Number.isFinite));
  const norm = median(begun.map((run) => run.gradNorm).filter((value) => !Number.isNaN(value)));
  const scoreWords = Number.isNaN(score) ? '' : scoreText(score);
  if (form === 'short') return [scoreWords, ...(runs.some(isLive) ? [stepText(runs)] : [])].filter((part) => part !== '').join(' · ');
  const parts = [
    runs.length > 1 ? `${runs.length} runs` : '',
    progress(runs),
    scoreWords && `score ${scoreWords}`,
    Number.isNaN(norm) ? '' : `|g| ${quantityText(norm)}`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

/** "step 120/600" while it goes on, "600 steps" when it is done, else how it ended. */
function progress(runs: readonly OwnRun[]): string {
  if (runs.some(isLive)) return stepText(runs);
  const broken = runs.filter(hasFailed);
  if (broken.length > 0)
    return `${runs.length === 1 ? '' : `${broken.length} `}${broken[0]?.process === 'lost' ? 'lost' : 'failed'} ${placeText(broken)}`;
  const stopped = runs.filter((run) => run.process === 'stopped');
  if (stopped.length > 0) return `${runs.length === 1 ? '' : `${stopped.length} `}stopped ${placeText(stopped)}`;
  const steps = runs.map((run) => run.step);
  return range(steps, Math.max(...steps) === 1 ? ' step' : ' steps');
}

function placeText(runs: readonly OwnRun[]): string {
  return runs.every(({ step }) => step === 0) ? 'before the first step' : `at ${stepText(runs)}`;
}

function stepText(runs: readonly OwnRun[]): string {
  const planned = runs.flatMap((run) => run.identity.plannedSteps ?? []);
  const steps = range(
    runs.map((run) => run.step),
    '',
  );
  return `step ${steps}${planned.length === 0 ? '' : `/${Math.max(...planned)}`}`;
}

/** "120", "118–123". */
function range(values: readonly number[], unit: string): string {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return `${low === high ? low : `${low}–${high}`}${unit}`;
}

/** How the latest group went: "3 of 15 collapsed, best opo 0.91". */
export function outcomeText({ runs }: StartedGroup): string {
  const fallen = runs.filter(hasCollapsed).length;
  const broken = runs.filter(hasFailed).length;
  const collapsed =
    runs.length === 1 ? (fallen === 1 ? 'collapsed' : 'no collapse') : `${fallen === 0 ? 'none' : fallen} of ${runs.length} collapsed`;
  const silent = runs.filter(isSilent).length;
  const parts = [collapsed, ...(silent > 0 ? [`${silent} silent`] : []), ...(broken > 0 ? [`${broken} failed`] : [])];
  const best = bestEstimator(runs);
  if (best) parts.push(`best ${best.estimator} ${scoreText(best.score)}`);
  return parts.join(', ');
}

/**
 * How the latest group is doing, with what waits for others to end: "2 of 15 running, 10 waiting, 1 collapsed…".
 * @param waiting runs that have not begun.
 * @param resuming of the group's runs, those that have ended and wait to go on.
 */
export function runningText({ runs }: StartedGroup, waiting: number, resuming = 0): string {
  const fallen = runs.filter(hasCollapsed).length;
  const parts = [
    `${countText(runs.filter(isLive).length, runs.length + waiting)} running`,
    ...(waiting + resuming > 0 ? [`${waiting + resuming} waiting`] : []),
    ...(fallen > 0 ? [`${fallen} collapsed`] : []),
    ...(runs.some(isSilent) ? [`${runs.filter(isSilent).length} silent`] : []),
  ];
  return `${parts.join(', ')}…`;
}

/** The estimator whose runs score best in the mean over seeds. */
function bestEstimator(runs: readonly OwnRun[]): { readonly estimator: string; readonly score: number } | undefined {
  const scores = new Map<string, number[]>();
  for (const { identity, score } of runs)
    if (Number.isFinite(score)) scores.set(identity.estimator, [...(scores.get(identity.estimator) ?? []), score]);
  const means = [...scores].map(([estimator, values]) => ({ estimator, score: mean(values) }));
  return means.toSorted((a, b) => b.score - a.score)[0];
}

/** The problem of an estimator whose runs collapsed: what happened, by which rule, and whether the config is still the same. */
export function problemText(estimator: string, runs: readonly OwnRun[], changes: readonly ChangedValue[]): string {
  const fallen = runs.filter(hasCollapsed).toSorted((a, b) => (a.onsetStep ?? 0) - (b.onsetStep ?? 0));
  const first = fallen[0];
  if (!first) return '';
  const who = runs.length === 1 ? 'the run' : `${countText(fallen.length, runs.length)} runs`;
  const onsets = fallen.map((run) => `${run.onsetStep} (seed ${run.identity.seed})`);
  const when = onsets.length > 3 ? `first at step ${onsets[0]}` : `at step ${listText(onsets)}`;
  const recovered = fallen.filter((run) => run.collapse !== 'collapsed').length;
  const sentences = [
    `${estimator}: ${who} collapsed, onset ${when}.`,
    collapseCall(first.collapseEvents, first.detectedStep)?.message ?? '',
    laterSurgesText(first.collapseEvents, first.detectedStep),
  ];
  if (recovered > 0) sentences.push(fallen.length === 1 ? 'It recovered later.' : `${recovered} recovered later.`);
  if (changes.length > 0) {
    const changed = changes.map(({ path, was, is }) => `${path} was ${valueText(was)} and is ${valueText(is)}`);
    sentences.push(
      `The config has changed since: ${listText(changed.slice(0, 3))}${changed.length > 3 ? `, and ${changed.length - 3} more` : ''}. Start it again to see whether that helps.`,
    );
  }
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

/** A run's state in a word or two, for a table. */
export function stateText(run: OwnRun): string {
  const silence = silenceWords(toldOf(run));
  if (hasCollapsed(run))
    return `${run.collapse === 'collapsed' ? 'collapsed' : 'recovered from a collapse'} at ${run.onsetStep}${silence === '' ? '' : `, ${silence}`}`;
  switch (run.collapse) {
    case 'unstable':
      return isLive(run) ? 'unstable' : run.process;
    case 'silent':
      return `${run.process}, ${silence}`;
    case 'unknown':
      return run.step === 0 ? run.process : `${run.process}, not judged`;
    case 'healthy':
    case 'spike':
    case 'collapsed':
    case 'recovered':
      return run.process;
  }
}

function earliestCollapse(runs: readonly OwnRun[]): OwnRun | undefined {
  return runs.filter(hasCollapsed).toSorted((a, b) => (a.onsetStep ?? 0) - (b.onsetStep ?? 0))[0];
}
