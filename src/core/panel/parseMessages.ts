import type { GpuProcess } from '../gpus/gpu.ts';
import type { PanelGpu } from '../gpus/panelGpu.ts';
import { collapseEventTypes, collapseStates } from '../records/events.ts';
import type { CollapseEvent } from '../records/events.ts';
import { isObject } from '../records/json.ts';
import type { MetricKeys } from '../records/metricRoles.ts';
import type { StepNote } from '../records/stepNotes.ts';
import { runColors } from '../records/runLabel.ts';
import type { ChartAxis } from './chartAxis.ts';
import { panelActions } from './messages.ts';
import type { HostMessage, PanelMessage, PanelSettings, StepPlace } from './messages.ts';
import type { PanelBranch, PanelRun, RunNumbers } from './panelRun.ts';
import { figureRoles, rowCount } from './rows.ts';
import type { Rows, StepSequence } from './rows.ts';
import type { AxisNeed, PanelShare, SharedSeries } from './share.ts';
import {
  anyNumber,
  bytes,
  count,
  doubles,
  either,
  finiteNumber,
  flag,
  jsonNumber,
  list,
  nullable,
  object,
  oneOf,
  optional,
  parseShape,
  record,
  simple,
  singles,
  tagged,
  text,
  where,
} from './shape.ts';
import type { Shape } from './shape.ts';
import { choiceFields, initialView, linkedFields } from './view.ts';
import type { BaselineChoice, LinkedView, PanelMemory, PanelSubject, PanelView, Smoothing, ViewChoices } from './view.ts';

const xAxis = oneOf('step', 'tokens', 'time');
const range: Shape<readonly [number, number]> = simple(
  (value) => Array.isArray(value) && value.length === 2 && value.every(Number.isFinite) && value[0] < value[1],
  'not a range of two ascending numbers',
);

const smoothing: Shape<Smoothing> = tagged<Smoothing, 'by'>('by', {
  range: object<Extract<Smoothing, { by: 'range' }>>({
    by: oneOf('range'),
    share: where(finiteNumber, (share) => share >= 0 && share <= 1, 'is not between 0 and 1'),
  }),
  steps: object<Extract<Smoothing, { by: 'steps' }>>({
    by: oneOf('steps'),
    steps: where(finiteNumber, (steps) => steps >= 0, 'is below 0'),
  }),
});

const viewFields: { readonly [K in keyof PanelView]-?: Shape<PanelView[K]> } = {
  x: xAxis,
  yScale: oneOf('auto', 'linear', 'log'),
  smoothing,
  robust: flag,
  range: nullable(range),
  filter: text,
  shown: object<PanelView['shown']>({ rule: oneOf('only', 'allBut'), names: list(text) }),
  groupBy: nullable(text),
  colorBy: nullable(text),
  columns: record(flag),
  band: flag,
  multiples: nullable(list(text)),
  sort: object<PanelView['sort']>({ column: text, descending: flag }),
  ownScale: flag,
  baseline: nullable(object<BaselineChoice>({ kind: oneOf('run', 'series'), run: text })),
  difference: flag,
  axes: record(object<ChartAxis>({ scale: oneOf('usual', 'linear', 'log'), low: nullable(finiteNumber), high: nullable(finiteNumber) })),
  enlarged: nullable(text),
  layout: oneOf('auto', 'stacked'),
};
const panelView: Shape<PanelView> = object<PanelView>(viewFields);
const linkedShapes = Object.fromEntries(linkedFields.map((field) => [field, viewFields[field]])) as Pick<
  typeof viewFields,
  (typeof linkedFields)[number]
>;
const choiceShapes = Object.fromEntries(choiceFields.map((field) => [field, optional(viewFields[field] as Shape<unknown>)]));
const choices = object(choiceShapes) as Shape<ViewChoices>;
const linkedView: Shape<LinkedView> = object<LinkedView>({ ...linkedShapes, crosshair: nullable(finiteNumber) });

const axisNeed: Shape<AxisNeed> = object<AxisNeed>({
  wantsLog: flag,
  linear: nullable(range),
  log: nullable(range),
  zeros: flag,
  lost: flag,
});
const share: Shape<PanelShare> = object<PanelShare>({
  extents: object<PanelShare['extents']>({ step: optional(range), tokens: optional(range), time: optional(range) }),
  axes: record(axisNeed),
  series: list(object<SharedSeries>({ series: text, name: text, run: text })),
});
const settings: Shape<PanelSettings> = object<PanelSettings>({ onsets: flag, defaults: optional(choices), chosen: optional(choices) });

const subject: Shape<PanelSubject> = tagged<PanelSubject, 'kind'>('kind', {
  group: object<Extract<PanelSubject, { kind: 'group' }>>({
    kind: oneOf('group'),
    runsDir: text,
    group: text,
    series: nullable(list(text)),
  }),
  runs: object<Extract<PanelSubject, { kind: 'runs' }>>({ kind: oneOf('runs'), runs: list(text) }),
});

const collapseEvent: Shape<CollapseEvent> = object<CollapseEvent>({
  type: oneOf(...collapseEventTypes),
  step: finiteNumber,
  onsetStep: finiteNumber,
  message: text,
  advice: text,
  data: record(jsonNumber),
});

const stepNote: Shape<StepNote> = object<StepNote>({ step: finiteNumber, text, time: jsonNumber });

const numbers: Shape<RunNumbers> = object<RunNumbers>({
  step: nullable(anyNumber),
  gradNorm: nullable(anyNumber),
  medianGradNorm: nullable(anyNumber),
  maxGradNorm: nullable(anyNumber),
  score: nullable(anyNumber),
  bestScore: nullable(anyNumber),
  finalScore: optional(nullable(anyNumber)),
  stepsPerSecond: nullable(anyNumber),
});

const metricKeys: Shape<MetricKeys> = object<MetricKeys>({
  gradNorm: optional(text),
  score: optional(text),
  entropy: optional(text),
  kl: optional(text),
  responseLength: optional(text),
  clipRatio: optional(text),
  learningRate: optional(text),
});

const panelRun: Shape<PanelRun> = object<PanelRun>({
  id: text,
  label: text,
  name: text,
  group: optional(text),
  givenName: optional(text),
  tags: optional(list(text)),
  color: optional(oneOf(...runColors)),
  identity: optional(
    object<NonNullable<PanelRun['identity']>>({
      kind: oneOf('builtin', 'command', 'foreign'),
      title: optional(text),
      canResume: optional(flag),
    }),
  ),
  metricKeys: optional(metricKeys),
  chosenKeys: optional(metricKeys),
  estimator: text,
  seed: nullable(finiteNumber),
  series: text,
  parameters: record(nullable(either(text, either(anyNumber, flag)))),
  process: oneOf('starting', 'running', 'finished', 'stopped', 'failed', 'lost', 'idle', 'waiting', 'cancelled'),
  repeatOf: optional(nullable(text)),
  branchedFrom: optional(object<PanelBranch>({ run: nullable(text), name: text, step: finiteNumber })),
  isDeleted: optional(flag),
  note: nullable(text),
  notShown: optional(list(text)),
  collapse: oneOf(...collapseStates),
  notJudged: text,
  onsetStep: nullable(finiteNumber),
  detectedStep: nullable(finiteNumber),
  marks: list(collapseEvent),
  stepNotes: optional(list(stepNote)),
  plannedSteps: nullable(finiteNumber),
  warmStart: optional(nullable(finiteNumber)),
  startupSeconds: optional(nullable(finiteNumber)),
  metrics: list(text),
  numbers,
  createdAt: text,
});

/** That steps ascend is not looked at: it would cost a pass over every row, and the store that is fed with them keeps its order. */
const rows: Shape<Rows> = where(
  object<Rows>({
    from: count,
    steps: either(doubles, object<StepSequence>({ first: finiteNumber, stride: finiteNumber, count })),
    columns: record(either(doubles, singles)),
  }),
  ({ steps, columns }) => Object.values(columns).every((column) => column.length === rowCount(steps)),
  'has columns of different lengths',
);

const panelGpu: Shape<PanelGpu> = object<PanelGpu>({
  index: count,
  name: text,
  utilization: nullable(finiteNumber),
  memoryMiB: nullable(finiteNumber),
  memoryUsedMiB: nullable(finiteNumber),
  powerWatts: nullable(finiteNumber),
  temperatureCelsius: nullable(finiteNumber),
  runs: list(text),
  others: list(object<GpuProcess>({ pid: count, name: text, memoryMiB: nullable(finiteNumber) })),
});

const hostMessage: Shape<HostMessage> = tagged<HostMessage, 'type'>('type', {
  open: object<Extract<HostMessage, { type: 'open' }>>({ type: oneOf('open'), title: text, subject, link: nullable(text), settings }),
  runs: object<Extract<HostMessage, { type: 'runs' }>>({ type: oneOf('runs'), runs: list(panelRun), references: optional(list(panelRun)) }),
  overview: object<Extract<HostMessage, { type: 'overview' }>>({ type: oneOf('overview'), run: text, rows }),
  rows: object<Extract<HostMessage, { type: 'rows' }>>({ type: oneOf('rows'), run: text, rows }),
  link: object<Extract<HostMessage, { type: 'link' }>>({ type: oneOf('link'), view: linkedView }),
  share: object<Extract<HostMessage, { type: 'share' }>>({ type: oneOf('share'), share }),
  settings: object<Extract<HostMessage, { type: 'settings' }>>({ type: oneOf('settings'), settings }),
  gpus: object<Extract<HostMessage, { type: 'gpus' }>>({ type: oneOf('gpus'), gpus: list(panelGpu) }),
});

type Export = Extract<PanelMessage, { type: 'export' }>;

const exported: Shape<Export> = tagged<Export, 'format'>('format', {
  png: object<Extract<Export, { format: 'png' }>>({ type: oneOf('export'), format: oneOf('png'), content: bytes }),
  svg: object<Extract<Export, { format: 'svg' }>>({ type: oneOf('export'), format: oneOf('svg'), content: text }),
  csv: object<Extract<Export, { format: 'csv' }>>({ type: oneOf('export'), format: oneOf('csv'), runs: list(text) }),
});

const panelMessage: Shape<PanelMessage> = tagged<PanelMessage, 'type'>('type', {
  ready: object<Extract<PanelMessage, { type: 'ready' }>>({ type: oneOf('ready') }),
  columns: object<Extract<PanelMessage, { type: 'columns' }>>({ type: oneOf('columns'), columns: list(text) }),
  link: object<Extract<PanelMessage, { type: 'link' }>>({ type: oneOf('link'), view: linkedView }),
  share: object<Extract<PanelMessage, { type: 'share' }>>({ type: oneOf('share'), share }),
  choices: object<Extract<PanelMessage, { type: 'choices' }>>({ type: oneOf('choices'), choices: nullable(choices) }),
  action: object<Extract<PanelMessage, { type: 'action' }>>({ type: oneOf('action'), action: oneOf(...panelActions), runs: list(text) }),
  metricKey: object<Extract<PanelMessage, { type: 'metricKey' }>>({
    type: oneOf('metricKey'),
    role: oneOf(...figureRoles),
    metric: nullable(text),
    runs: list(text),
  }),
  note: object<Extract<PanelMessage, { type: 'note' }>>({
    type: oneOf('note'),
    place: object<StepPlace>({ step: finiteNumber, runs: list(text) }),
  }),
  export: exported,
  error: object<Extract<PanelMessage, { type: 'error' }>>({ type: oneOf('error'), message: text }),
});

const panelMemory: Shape<PanelMemory> = object<PanelMemory>({ version: oneOf(1), subject, link: nullable(text), view: panelView });

/** What the extension said; a string says what is wrong with it. */
export function parseHostMessage(value: unknown): HostMessage | string {
  return parseShape(hostMessage, value, 'message');
}

/** What a panel said; a string says what is wrong with it. */
export function parsePanelMessage(value: unknown): PanelMessage | string {
  return parseShape(panelMessage, value, 'message');
}

/**
 * The state that a panel left in the window; a string says why it cannot be used. What a view did not have yet when the state was kept is
 * as in a new panel.
 */
export function parsePanelMemory(value: unknown): PanelMemory | string {
  if (!isObject(value)) return parseShape(panelMemory, value, 'memory');
  const { view } = value;
  return parseShape(panelMemory, isObject(view) ? { ...value, view: currentView(view) } : value, 'memory');
}

/** Of what was chosen, all that can be used: settings are written by hand, and memories by other versions. */
export function validChoices(value: Readonly<Record<string, unknown>>): ViewChoices {
  return Object.fromEntries(
    choiceFields
      .filter((field) => value[field] !== undefined && viewFields[field].problem(value[field], field) === null)
      .map((field) => [field, value[field]]),
  );
}

/** Of an earlier version's view what this one makes of it. */
function currentView(view: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { ...initialView, ...shownAlone(view), ...view, ...smoothedBy(view) };
}

/** Once there was a list of the series that are shown alone, empty where all were. */
function shownAlone({ isolated }: Readonly<Record<string, unknown>>): Partial<Record<keyof PanelView, unknown>> {
  return Array.isArray(isolated) && isolated.length > 0 ? { shown: { rule: 'only', names: isolated } } : {};
}

/** Once smoothing was the share of the past, at each step, in the average; 0.9 where nobody had chosen any. */
function smoothedBy({ smoothing }: Readonly<Record<string, unknown>>): Partial<Record<keyof PanelView, unknown>> {
  if (smoothing === 0.9) return { smoothing: initialView.smoothing };
  const isShare = typeof smoothing === 'number' && smoothing >= 0 && smoothing < 1;
  const steps = isShare && smoothing > 0 ? Math.round(1 / (1 - smoothing)) : 0;
  return isShare ? { smoothing: { by: 'steps', steps } } : {};
}
