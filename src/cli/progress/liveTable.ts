import { gpuRowText, gpusSummary } from '../../core/gpus/panelGpu.ts';
import type { PanelGpu } from '../../core/gpus/panelGpu.ts';
import { clockText, counted, durationText, quantityText, scoreText } from '../../core/notation.ts';
import { secondsLeftOfAll, startWords } from '../../core/records/progress.ts';
import { hasFailed, isLive } from '../../core/records/runState.ts';
import type { Paint } from '../output.ts';
import { singleLine, textWidth } from '../output.ts';
import type { Column } from '../table.ts';
import { pad } from '../table.ts';
import type { FollowedRun } from './followedRun.ts';

export interface LiveTableOptions {
  /** Size of the terminal; the table is never wider nor higher. */
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  /** Runs at once, for the estimate of the time left. */
  readonly parallel: number;
  /** What the next run waits for; null, or left out: nothing that is to be said. */
  readonly standby?: string | null;
  /** The GPUs of the machine; left out: none is to be told of. */
  readonly gpus?: readonly PanelGpu[];
  /** A last line, e.g. what Ctrl-C does. */
  readonly footer: string;
}

interface LiveColumn extends Column {
  /** Columns with the highest number go first when the terminal is narrow; 0 never goes. */
  readonly dropOrder: number;
  readonly cell: (run: FollowedRun, paint: Paint) => string;
}

const barWidth = 10;
const icons: Readonly<Record<FollowedRun['process'], string>> = {
  waiting: '·',
  starting: '…',
  running: '▶',
  finished: '✔',
  stopped: '■',
  failed: '✘',
  lost: '?',
  idle: '○',
  cancelled: '–',
};
const columns: readonly LiveColumn[] = [
  { title: ' ', align: 'left', dropOrder: 0, cell: (run, paint) => icon(run, paint) },
  { title: 'estimator', align: 'left', dropOrder: 0, cell: ({ estimator }) => singleLine(estimator) },
  { title: 'seed', align: 'right', dropOrder: 0, cell: ({ seed }) => (seed === null ? '' : String(seed)) },
  { title: 'progress', align: 'left', dropOrder: 4, cell: (run, paint) => bar(run.step / run.steps, paint) },
  { title: 'step', align: 'right', dropOrder: 1, cell: ({ step, steps }) => (Number.isNaN(steps) ? String(step) : `${step}/${steps}`) },
  { title: 'steps/s', align: 'right', dropOrder: 6, cell: (run) => (run.process === 'running' ? known(run.stepsPerSecond) : '') },
  { title: 'left', align: 'right', dropOrder: 5, cell: ({ secondsLeft }) => (Number.isNaN(secondsLeft) ? '' : clockText(secondsLeft)) },
  { title: 'score', align: 'right', dropOrder: 2, cell: ({ score }) => (Number.isFinite(score) ? scoreText(score) : '') },
  { title: 'grad norm', align: 'right', dropOrder: 3, cell: ({ gradNorm, step }) => (step === 0 ? '' : quantityText(gradNorm)) },
  { title: 'state', align: 'left', dropOrder: 0, cell: (run, paint) => collapseMark(run, paint) },
];

/** Of these the icon says enough. */
const quietStates: ReadonlySet<FollowedRun['process']> = new Set(['waiting', 'running', 'finished']);

/** The live table of all runs: one line a run, then one line on the whole. Fits the given terminal. */
export function renderLiveTable(runs: readonly FollowedRun[], options: LiveTableOptions): string {
  const standby = options.standby ?? '';
  const gpus = gpuLines(options.gpus ?? []);
  const shown = fitHeight(runs, options.rows - 4 - gpus.length - (standby === '' ? 0 : 1));
  const hidden = runs.length - shown.length;
  const kept = fitWidth(shown, options);
  const widths = kept.map((column) => columnWidth(column, shown));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, kept[index]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  const lines = [
    options.paint('dim', line(kept.map(({ title }) => title))),
    ...shown.map((run) => line(kept.map(({ cell }) => cell(run, options.paint)))),
    ...(hidden > 0 ? [options.paint('dim', `  … ${hidden} more`)] : []),
    overall(runs, options),
    cut(singleLine(standby), options.columns - 1),
    ...gpus.map((text) => options.paint('dim', cut(singleLine(text), options.columns - 1))),
    options.paint('dim', options.footer),
  ];
  return lines.filter((text) => text !== '').join('\n');
}

function overall(runs: readonly FollowedRun[], { paint, parallel }: LiveTableOptions): string {
  const total = runs.reduce((sum, { steps }) => sum + steps, 0);
  const finished = runs.reduce((sum, run) => sum + (run.isDone ? run.steps : run.step), 0);
  const left = secondsLeftOfAll(runs, parallel);
  const done = runs.filter((run) => run.isDone).length;
  const time = left > 0 ? `, about ${durationText(left)} left` : '';
  return `${bar(finished / total, paint)} ${done} of ${counted(runs.length, 'run')} done${time}`;
}

/** A line each, of many GPUs one of all: the table is about the runs. */
function gpuLines(gpus: readonly PanelGpu[]): readonly string[] {
  if (gpus.length === 0) return [];
  return gpus.length > mostGpuLines ? [gpusSummary(gpus)] : gpus.map(gpuRowText);
}

const mostGpuLines = 2;

/** A longer line would become two, and the table higher than it is taken to be. */
function cut(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${[...text].slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** As many runs as fit, those that are under way first, in the order given. */
function fitHeight(runs: readonly FollowedRun[], height: number): readonly FollowedRun[] {
  if (runs.length <= height) return runs;
  const urgency = (run: FollowedRun) => (isLive(run) ? 0 : run.process === 'waiting' ? 2 : 1);
  const chosen = new Set([...runs].sort((a, b) => urgency(a) - urgency(b)).slice(0, Math.max(1, height - 1)));
  return runs.filter((run) => chosen.has(run));
}

function fitWidth(runs: readonly FollowedRun[], { columns: width }: LiveTableOptions): readonly LiveColumn[] {
  let kept = columns;
  while (kept.reduce((sum, column) => sum + columnWidth(column, runs) + 2, -2) >= width) {
    const next = Math.max(...kept.map(({ dropOrder }) => dropOrder));
    if (next === 0) break;
    kept = kept.filter(({ dropOrder }) => dropOrder !== next);
  }
  return kept;
}

function columnWidth({ title, cell }: LiveColumn, runs: readonly FollowedRun[]): number {
  return Math.max(title.length, ...runs.map((run) => textWidth(cell(run, (_format, text) => text))));
}

function icon({ process }: FollowedRun, paint: Paint): string {
  const text = icons[process];
  if (process === 'finished') return paint('green', text);
  if (hasFailed({ process })) return paint('red', text);
  return process === 'running' ? paint('cyan', text) : paint('dim', text);
}

function collapseMark({ collapse, onsetStep, process, step, warmStart }: FollowedRun, paint: Paint): string {
  if (Number.isFinite(warmStart)) return paint('dim', startWords({ warmStart }));
  const quiet = quietStates.has(process);
  switch (collapse) {
    case 'collapsed':
      return paint('red', `▼ step ${onsetStep ?? '?'}`);
    case 'recovered':
      return paint('yellow', `▲ from ${onsetStep ?? '?'}`);
    case 'unstable':
    case 'silent':
      return paint('yellow', collapse);
    case 'spike':
      return quiet ? 'spike' : process;
    case 'unknown':
      return !quiet ? process : step === 0 ? '' : 'not judged';
    case 'healthy':
      return quiet ? '' : process;
  }
}

function bar(share: number, paint: Paint): string {
  const full = Math.round(Math.min(1, Math.max(0, share || 0)) * barWidth);
  return '█'.repeat(full) + paint('dim', '░'.repeat(barWidth - full));
}

function known(value: number): string {
  return Number.isFinite(value) ? quantityText(value) : '';
}
