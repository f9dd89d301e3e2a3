import path from 'node:path';
import { asSentence, notJudgedTexts } from '../core/collapse/sentences.ts';
import { counted, integerText, listText, quantityText, scoreText } from '../core/notation.ts';
import type { CollapseEvent, CollapseState, RunEvent } from '../core/records/events.ts';
import { defaultSensitivity } from '../core/collapse/sensitivity.ts';
import { silenceCall } from '../core/records/collapseWords.ts';
import { isCollapse, isLifecycleEvent } from '../core/records/events.ts';
import { hasEnded } from '../core/records/runState.ts';
import type { RunInspection } from '../runs/inspection/inspectRun.ts';
import { singleLine } from './output.ts';
import type { Output, Paint } from './output.ts';
import type { Column } from './table.ts';
import { formatTable } from './table.ts';
import { wrap } from './wrap.ts';

const runColumns: readonly Column[] = [
  { title: 'run', align: 'left' },
  { title: 'estimator', align: 'left' },
  { title: 'seed', align: 'right' },
  { title: 'process', align: 'left' },
  { title: 'last step', align: 'right' },
  { title: 'state', align: 'left' },
  { title: 'onset', align: 'right' },
  { title: 'noticed', align: 'right' },
  { title: 'score', align: 'right' },
  { title: 'grad norm', align: 'right' },
  { title: 'max', align: 'right' },
];

const metricColumns: readonly Column[] = [
  { title: 'metric', align: 'left' },
  { title: 'steps', align: 'right' },
  { title: 'last', align: 'right' },
  { title: 'min', align: 'right' },
  { title: 'max', align: 'right' },
];

/** A cell of what a metrics.jsonl alone does not say. */
const unknown = '–';

/** Several runs, one line each. */
export function inspectionTable(runs: readonly RunInspection[], { paint, width }: Output): string {
  const names = namesOf(runs);
  const rows = runs.map((run, index) => {
    const gradNorm = run.gradNormKey === null ? undefined : run.metrics[run.gradNormKey];
    const score = run.scoreKey === null ? undefined : run.metrics[run.scoreKey];
    return [
      names[index] ?? run.id,
      run.estimator ?? unknown,
      run.seed === null ? unknown : String(run.seed),
      run.process ?? unknown,
      integerText(run.lastStep),
      stateText(run.state, paint),
      integerText(run.onsetStep),
      integerText(run.detectedStep),
      scoreText(score?.last ?? null),
      quantityText(gradNorm?.last ?? null),
      quantityText(gradNorm?.max ?? null),
    ];
  });
  const notes = notJudgedTexts(
    runs.map(({ id, notJudged }, index) => ({ name: names[index] ?? id, notJudged: notJudged === '' ? '' : asSentence(notJudged) })),
  );
  return [formatTable(runColumns, rows, width), ...notes.map((note) => wrap(singleLine(note), width))].join('\n');
}

/** The ids, and the names of other programs' runs, unless several are the same, as in a copied directory: then what tells their paths apart. */
function namesOf(runs: readonly RunInspection[]): readonly string[] {
  const all = [
    runs.map(({ format, id, name }) => (format === 'otb-run' ? id : name)),
    runs.map(({ source }) => path.basename(source)),
    runs.map(({ source }) => path.join(path.basename(path.dirname(source)), path.basename(source))),
  ];
  return all.find((names) => new Set(names).size === runs.length) ?? runs.map(({ source }) => source);
}

/** One run with all its metrics and what befell it. */
export function describeInspection(run: RunInspection, { paint, width }: Output): string {
  const { format, estimator, seed, process, steps, firstStep, lastStep, exit, events, warnings, metrics } = run;
  const which =
    [
      ...(format === 'otb-run' ? [] : [format === 'metrics' ? 'metrics alone' : format]),
      estimator === null
        ? `estimator ${seed === null ? 'and seed unknown' : `unknown, seed ${seed}`}`
        : `${singleLine(estimator)}, seed ${seed ?? 'unknown'}`,
    ].join(', ') + (process === null ? '' : `: ${process}`);
  const range =
    steps === 0
      ? process === null || hasEnded({ process })
        ? 'no step'
        : 'no step yet'
      : `${counted(steps, 'step')}, ${firstStep} to ${lastStep}`;
  const sections = [
    [
      singleLine(run.source),
      `${which}, ${range}${exit === null || exit.message === exit.reason || exit.message === '' ? '' : `. ${exit.message}`}`,
      wrap(singleLine(`State: ${describeState(run, paint)}`), width),
      ...warnings.map((warning) => `Note: ${warning}`),
    ],
    events.filter(isTold).map((event) => wrap(singleLine(`step ${event.step}: ${describeEvent(event, paint)}`), width)),
    [
      formatTable(
        metricColumns,
        Object.entries(metrics).map(([key, { count, last, min, max }]) => [key, String(count), ...[last, min, max].map(quantityText)]),
        width,
      ),
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

/** The state, since when, what cannot be judged, and what can be done about that. */
function describeState(
  { state, sensitivity, events, onsetStep, detectedStep, notJudged, missing, gradNormKey, scoreKey, steps }: RunInspection,
  paint: Paint,
): string {
  const fallen = onsetStep === null ? '' : `, began at step ${integerText(onsetStep)}, noticed at step ${integerText(detectedStep)}`;
  const silence = silenceCall({ collapse: state, events: events.filter((event) => !isLifecycleEvent(event)) });
  // Of a silent run that has collapsed before, what is the matter now.
  const onset = silence === undefined ? fallen : `, since step ${integerText(silence.onsetStep)}`;
  const level = sensitivity === defaultSensitivity ? '' : ` (sensitivity ${sensitivity})`;
  const text = `${stateText(state, paint)}${onset}${level}`;
  if (notJudged === '') return text;
  const options = [
    ...(missing.includes('gradNorm') && gradNormKey === null ? ['--grad-norm'] : []),
    ...(missing.includes('score') && scoreKey === null ? ['--score'] : []),
  ];
  const remedy =
    steps === 0 || options.length === 0 ? '' : ` Name ${options.length === 1 ? 'the metric' : 'the metrics'} with ${listText(options)}.`;
  const lead = state === 'unknown' ? ': ' : `${onset === '' ? ', as far as can be seen' : ''}: `;
  return `${text}${lead}${notJudged}.${remedy}`;
}

/** Checkpoints come by the dozen and say nothing about how a run went. */
function isTold({ type }: RunEvent): boolean {
  return type !== 'checkpoint';
}

/** What happened, in words. */
function describeEvent(event: RunEvent, paint: Paint): string {
  if (isLifecycleEvent(event)) {
    const { message = event.data['text'] } = event.data;
    return typeof message === 'string' && message !== '' ? `${event.type}: ${message}` : event.type;
  }
  const grave = isCollapse(event);
  const name = isCalm(event) ? event.type : paint(grave ? 'red' : 'yellow', event.type);
  const since = event.onsetStep === event.step || isCalm(event) ? '' : ` since step ${integerText(event.onsetStep)}`;
  return `${name}${since}: ${event.message}${grave || event.type === 'silent' ? ` ${event.advice}` : ''}`;
}

/** Whether an event says that something is over. */
function isCalm({ type }: CollapseEvent): boolean {
  return type === 'settled' || type === 'recovered';
}

function stateText(state: CollapseState, paint: Paint): string {
  switch (state) {
    case 'collapsed':
      return paint('red', state);
    case 'healthy':
      return state;
    case 'unknown':
    case 'silent':
    case 'spike':
    case 'unstable':
    case 'recovered':
      return paint('yellow', state);
  }
}
