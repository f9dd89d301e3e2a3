import { counted, integerText } from '../notation.ts';
import { hasCollapsed } from '../records/runState.ts';
import { notJudgedTexts } from '../collapse/sentences.ts';
import type { Comparison } from '../comparison/comparison.ts';
import type { ComparedRun } from '../comparison/groups.ts';
import { bestScoreSteps, finalScoreSteps } from '../comparison/runSummary.ts';
import { drawFigure } from '../figure/figure.ts';
import { marker } from '../figure/marks.ts';
import { element, fragment } from '../figure/markup.ts';
import type { Content, Markup } from '../figure/markup.ts';
import { estimatorStyles } from '../figure/palette.ts';
import { colorClass } from '../figure/theme.ts';
import { laterSurgesText, silenceSentences, silenceWords } from '../records/collapseWords.ts';
import { collapseCall } from '../records/events.ts';
import { reportStyle } from './style.ts';
import { groupTable, runTable, testTable } from './tables.ts';
import type { Named } from './tables.ts';

export interface ReportInput {
  readonly title: string;
  readonly comparison: Comparison;
  /** Program and arguments that made the report. */
  readonly command: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** What the numbers depend on besides the config, by name: versions, engine, device … */
  readonly environment: Readonly<Record<string, string>>;
}

/** One HTML document that needs nothing else: no script, no request, figure and style inside. All text is escaped. */
export function renderReport({ title, comparison, command, createdAt, environment }: ReportInput): string {
  const groups = comparison.groups.map((group) => group.summary);
  const runs = comparison.groups.flatMap((group) => group.runs);
  const repeated = comparison.groups.flatMap((group) => group.repeats.map(({ run }) => run));
  const named = namer(groups.map((group) => group.estimator));
  const [lead = '', ...sentences] = comparison.verdict;
  const body = element(
    'main',
    {},
    element('h1', {}, title),
    element('p', { class: 'meta' }, `${counted(runs.length, 'run')} · ${createdAt} · `, element('code', {}, command.map(quoted).join(' '))),
    element('p', { class: 'lead' }, lead),
    sentences.length === 0 ? '' : element('ul', {}, ...sentences.map((sentence) => element('li', {}, sentence))),
    element('figure', {}, drawFigure({ title: 'Gradient norm and score', groups: comparison.groups })),
    element('h2', {}, 'Comparison'),
    groupTable(groups, named),
    ...(comparison.tests.length === 0 ? [] : [element('h2', {}, 'Tests'), testTable(comparison.tests)]),
    element('h2', {}, 'Runs'),
    runTable(runs, repeated, named),
    sources([...runs, ...repeated]),
    element('h2', {}, 'Collapses'),
    collapses(runs),
    ...notes([...runs, ...repeated]),
    ...silences(runs),
    ...unjudged(runs),
    element('h2', {}, 'Config'),
    ...configs(runs),
    element('h2', {}, 'Environment'),
    element('dl', {}, ...Object.entries(environment).map(([name, value]) => [element('dt', {}, name), element('dd', {}, value)])),
    element('h2', {}, 'How the numbers are defined'),
    definitions(),
  );
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; style-src 'unsafe-inline'" }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, title),
    reportStyle(),
  );
  return `<!doctype html>\n${element('html', { lang: 'en' }, head, element('body', {}, body)).markup}\n`;
}

function namer(estimators: readonly string[]): Named {
  const styles = estimatorStyles(estimators);
  return (label, estimator) => {
    const style = styles.get(estimator);
    if (style === undefined) return label;
    const picture = element('g', { class: colorClass(style) }, marker(style, 0, 0, 60));
    return fragment(element('svg', { class: 'otb-figure swatch', viewBox: '-7 -7 14 14', 'aria-hidden': 'true' }, picture), label);
  };
}

function sources(runs: readonly ComparedRun[]): Markup {
  const items = runs.map(({ source, summary }) =>
    element('li', {}, `${summary.estimator}, seed ${summary.seed}: `, element('code', {}, source)),
  );
  return element('details', {}, element('summary', {}, 'Where the runs are'), element('ul', {}, ...items));
}

function collapses(runs: readonly ComparedRun[]): Markup {
  const collapsed = runs.filter((run) => hasCollapsed(run.summary));
  if (collapsed.length === 0) return element('p', {}, 'No run collapsed.');
  return element('ul', {}, ...collapsed.map((run) => element('li', {}, ...collapseSentences(run))));
}

/** Runs that have fallen silent, which is no collapse, but nothing to learn from either; nothing where there are none. */
function silences(runs: readonly ComparedRun[]): Markup[] {
  const silent = runs.flatMap(({ summary, events }) => {
    const told = { collapse: summary.state, events };
    return summary.state === 'silent' ? [{ summary, words: silenceWords(told), sentences: silenceSentences(told) }] : [];
  });
  if (silent.length === 0) return [];
  const items = silent.map(({ summary: { estimator, seed }, words, sentences }) =>
    element('li', {}, element('strong', {}, `${estimator}, seed ${seed}`), `: ${words}. ${sentences}`),
  );
  return [element('h3', {}, 'Silent'), element('ul', {}, ...items)];
}

/** Runs that cannot be judged, or not in all; nothing where there are none. */
function unjudged(runs: readonly ComparedRun[]): Markup[] {
  const texts = notJudgedTexts(runs.map(({ summary, notJudged }) => ({ name: `${summary.estimator}, seed ${summary.seed}`, notJudged })));
  return texts.length === 0 ? [] : [element('h3', {}, 'Not judged'), element('ul', {}, ...texts.map((text) => element('li', {}, text)))];
}

function collapseSentences(run: ComparedRun): Content[] {
  const { estimator, seed, state, onsetStep, detectedStep } = run.summary;
  const began = onsetStep === null ? 'collapsed' : `began at step ${onsetStep}`;
  const noticed = detectedStep === null || detectedStep === onsetStep ? '' : `, noticed at step ${detectedStep}`;
  const recovered = state === 'recovered' ? ' It recovered later.' : '';
  const event = collapseCall(run.events, detectedStep);
  const told = [event?.message ?? '', laterSurgesText(run.events, detectedStep)].filter((part) => part !== '').map((part) => ` ${part}`);
  const sentence = `: ${began}${noticed}.${told.join('')}${recovered}`;
  const advice = event === undefined ? [] : [element('details', { class: 'meta' }, element('summary', {}, 'What to do'), event.advice)];
  return [element('strong', {}, `${estimator}, seed ${seed}`), sentence, ...advice];
}

/** What people noted about steps; nothing where they did not. */
function notes(runs: readonly ComparedRun[]): Markup[] {
  const items = runs.flatMap(({ summary: { estimator, seed }, notes: noted = [] }) =>
    noted.map(({ step, text }) =>
      element('li', {}, element('strong', {}, `${estimator}, seed ${seed}, step ${integerText(step)}`), `: ${text}`),
    ),
  );
  return items.length === 0 ? [] : [element('h2', {}, 'Notes'), element('ul', {}, ...items)];
}

/** Runs differ in estimator and seed; each config that differs in more is shown, with the runs that used it. */
function configs(runs: readonly ComparedRun[]): Markup[] {
  const users = new Map<string, string[]>();
  for (const { config, summary } of runs) {
    if (typeof config !== 'object' || config === null) continue;
    const shared = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'estimator' && key !== 'seed'));
    const text = JSON.stringify(shared, null, 2);
    users.set(text, [...(users.get(text) ?? []), `${summary.estimator} s${summary.seed}`]);
  }
  if (users.size === 0) return [element('p', {}, 'The runs carry no config.')];
  return [...users].map(([text, names]) =>
    element(
      'details',
      { open: users.size === 1 ? 'open' : undefined },
      element('summary', {}, users.size === 1 ? 'Of all runs; estimator and seed as in the table above' : names.join(', ')),
      element('pre', {}, text),
    ),
  );
}

function definitions(): Markup {
  return element(
    'ul',
    {},
    element(
      'li',
      {},
      'Gradient norm: global norm of a step’s gradient before clipping. ∞: it overflowed or was not a number at some step.',
    ),
    element(
      'li',
      {},
      `Final score: mean over the last ${finalScoreSteps} steps. Best score: highest mean over ${bestScoreSteps} steps in a row.`,
    ),
    element(
      'li',
      {},
      'Onset: the step at which the surge or the decline that became a collapse began; it was noticed later, without look-ahead.',
    ),
    element(
      'li',
      {},
      'Runs with the same seed start from the same policy and are treated as pairs, by McNemar’s test, the intervals and Wilcoxon’s test; Fisher’s test compares all runs. A difference of collapses is called significant when Fisher’s p, Holm-adjusted for the number of comparisons, is below 0.05.',
    ),
  );
}

/** A shell word, so that the line can be pasted. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
