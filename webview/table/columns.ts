import { integerText, quantityText, roughDurationText, scoreText, valueText } from '../../src/core/notation.ts';
import { bestScoreSteps, currentScoreSteps, finalScoreSteps } from '../../src/core/comparison/runSummary.ts';
import { panelProgress } from '../../src/core/panel/panelRun.ts';
import type { PanelRun } from '../../src/core/panel/panelRun.ts';
import { getOwn } from '../../src/core/records/json.ts';
import { secondsLeft } from '../../src/core/records/progress.ts';
import { isLive } from '../../src/core/records/runState.ts';
import { aspectText } from '../../src/core/panel/runAspects.ts';
import type { PanelView } from '../../src/core/panel/view.ts';
import { metricText } from '../metricTexts.ts';
import { isRepeat } from '../series.ts';
import { stateText } from '../runTexts.ts';
import type { ComparedNumber } from './deltas.ts';

/** A column of the run table whose cells are text. */
export interface TableColumn {
  /** Kept in the view: the table is sorted by it. */
  readonly id: string;
  readonly heading: string;
  readonly title: string;
  readonly isNumber: boolean;
  /** The number that it shows beside that of a baseline; left out: it is not compared. */
  readonly compared?: ComparedNumber;
  /** Left out: one of the numbers that every run has. */
  readonly group?: 'parameter' | 'metric';
  text(run: PanelRun): string;
  /** What it is sorted by; null goes last, whichever the direction. */
  key(run: PanelRun): string | number | null;
  /** Whether it says anything of these runs; left out: of all. */
  isFor?(runs: readonly PanelRun[]): boolean;
}

function numeric(
  id: string,
  heading: string,
  title: string,
  key: (run: PanelRun) => number | null,
  text: (value: number | null, run: PanelRun) => string,
  compared?: ComparedNumber,
): TableColumn {
  return { id, heading, title, isNumber: true, ...(compared && { compared }), key, text: (run) => text(key(run), run) };
}

/** A norm that overflowed arrives as the largest number there is. */
function normText(value: number | null): string {
  return quantityText(value !== null && Math.abs(value) === Number.MAX_VALUE ? Math.sign(value) * Infinity : value);
}

/** Worst first. */
const severity: Readonly<Record<PanelRun['collapse'], number>> = {
  collapsed: 0,
  unstable: 1,
  silent: 2,
  recovered: 3,
  spike: 4,
  unknown: 5,
  healthy: 6,
};
const liveliness: readonly PanelRun['process'][] = [
  'failed',
  'lost',
  'running',
  'starting',
  'waiting',
  'cancelled',
  'idle',
  'stopped',
  'finished',
];

const group: TableColumn = {
  id: 'group',
  heading: 'Group',
  title: 'Group that the run was started in; groups of one name are told apart by their times',
  isNumber: false,
  text: (run) => aspectText(run, 'group'),
  key: (run) => aspectText(run, 'group'),
  isFor: (runs) => new Set(runs.map((run) => aspectText(run, 'group'))).size > 1,
};

export const columns: readonly TableColumn[] = [
  {
    id: 'estimator',
    heading: 'Series',
    title: 'Advantage estimator, or the name of a run where that is not known, with the parameters that tell series of one estimator apart',
    isNumber: false,
    text: (run) => run.series,
    key: (run) => run.series,
  },
  // Beside the series, in sight however narrow the panel is.
  said('name', 'Name', 'Name that the run was given', ({ givenName = '' }) => givenName),
  group,
  numeric(
    'seed',
    'Seed',
    'Seed of the run. A repeat of the same config and seed as another run is left out of means and bands, and counts once',
    (run) => run.seed,
    (_value, run) => (run.seed === null ? '' : isRepeat(run) ? `${run.seed} (repeat)` : String(run.seed)),
  ),
  {
    id: 'state',
    heading: 'State',
    title: 'What the collapse detector says, and what the process does',
    isNumber: false,
    text: (run) => stateText(run).text,
    key: (run) => severity[run.collapse] * liveliness.length + liveliness.indexOf(run.process),
  },
  numeric(
    'step',
    'Step',
    'Last finished step, of those planned where that is known',
    (run) => run.numbers.step,
    (value, run) => (run.plannedSteps === null ? String(value ?? 0) : `${value ?? 0} / ${run.plannedSteps}`),
  ),
  {
    ...numeric('left', 'Left', 'Time until the last planned step, at the present speed', timeLeft, (value) =>
      value === null ? '' : roughDurationText(value),
    ),
    // There from the first run's start to the last one's end, so that no run's start or end moves the other columns.
    isFor: (runs) => runs.some((run) => run.process === 'waiting' || isLive(run)),
  },
  numeric('score', 'Score', `Present score: mean of the last ${currentScoreSteps} steps`, (run) => run.numbers.score, scoreText, 'score'),
  numeric(
    'best',
    'Best',
    `Highest mean score over ${bestScoreSteps} steps in a row`,
    (run) => run.numbers.bestScore,
    scoreText,
    'bestScore',
  ),
  numeric(
    'final',
    'Final',
    `Final score of a run that has ended: mean over the last ${finalScoreSteps} steps`,
    (run) => run.numbers.finalScore ?? null,
    scoreText,
    'finalScore',
  ),
  numeric('gradNorm', 'Norm', 'Last gradient norm', (run) => run.numbers.gradNorm, normText, 'gradNorm'),
  numeric(
    'medianGradNorm',
    'Median norm',
    'Median gradient norm over all steps',
    (run) => run.numbers.medianGradNorm,
    normText,
    'medianGradNorm',
  ),
  numeric('maxGradNorm', 'Max norm', 'Highest gradient norm of any step', (run) => run.numbers.maxGradNorm, normText, 'maxGradNorm'),
  numeric('onset', 'Onset', 'Step at which the collapse began', (run) => run.onsetStep, integerText),
  numeric('speed', 'Steps/s', 'Steps per second', (run) => run.numbers.stepsPerSecond, quantityText),
  said('tags', 'Tags', 'Tags that the run was given', ({ tags = [] }) => tags.join(', ')),
];

/** A column for what somebody said of runs, where anybody did. */
function said(id: string, heading: string, title: string, text: (run: PanelRun) => string): TableColumn {
  return {
    id,
    heading,
    title,
    isNumber: false,
    text,
    key: (run) => text(run) || null,
    isFor: (runs) => runs.some((run) => text(run) !== ''),
  };
}

function timeLeft(run: PanelRun): number | null {
  const seconds = secondsLeft(panelProgress(run));
  return seconds > 0 ? seconds : null;
}

/** The columns that a table can have, each with whether it has it: by the user's choice, else where it says anything. */
export function offeredColumns(
  runs: readonly PanelRun[],
  metrics: readonly TableColumn[],
  chosen: PanelView['columns'],
): readonly OfferedColumn[] {
  const offered = (column: TableColumn, usual: boolean): OfferedColumn => ({ column, isShown: chosen[column.id] ?? usual });
  return [
    ...columns.map((column) => offered(column, column.isFor?.(runs) ?? true)),
    ...parameterColumns(runs).map((column) => offered(column, true)),
    ...metrics.map((column) => offered(column, false)),
  ];
}

export interface OfferedColumn {
  readonly column: TableColumn;
  readonly isShown: boolean;
}

const metricPrefix = 'metric:';

/** A column for the last value of each metric; `last`: null where a run has none. */
export function metricColumns(metrics: readonly string[], last: (run: string, metric: string) => number | null): readonly TableColumn[] {
  return metrics.map((metric) => {
    const { heading } = metricText(metric);
    const value = ({ id }: PanelRun): number | null => last(id, metric);
    return { ...numeric(`${metricPrefix}${metric}`, heading, `Last value of ${metric}`, value, quantityText), group: 'metric' };
  });
}

/** Metrics whose columns were chosen. */
export function metricsOf(chosen: PanelView['columns']): readonly string[] {
  return Object.entries(chosen).flatMap(([id, isShown]) => (isShown && id.startsWith(metricPrefix) ? [id.slice(metricPrefix.length)] : []));
}

/** A column for each parameter that differs among the runs. */
export function parameterColumns(runs: readonly PanelRun[]): readonly TableColumn[] {
  const paths = new Set(runs.flatMap((run) => Object.keys(run.parameters)));
  return [...paths].map((path) => ({
    id: `parameter:${path}`,
    heading: path.slice(path.lastIndexOf('.') + 1),
    title: path,
    group: 'parameter',
    isNumber: runs.every((run) => typeof (getOwn(run.parameters, path) ?? 0) === 'number'),
    text: (run) => valueText(getOwn(run.parameters, path)),
    key(run) {
      const value = getOwn(run.parameters, path) ?? null;
      return typeof value === 'boolean' ? String(value) : value;
    },
  }));
}
