import { hasCollapsed } from '../records/runState.ts';
import type { PanelRun } from './panelRun.ts';
import { shortNames } from './shortNames.ts';

/**
 * What somebody writes to see some of many runs, as in `lr > 1e-5 state:collapsed dr_grpo seed:1,2 -opo`. All terms have to hold.
 *
 * - A word, or words in quotes, stand anywhere in what the run is called: label, name, estimator, series, group, tags, notes.
 * - `key:value` and `key=value` ask for a parameter, a number of the run table, its state, seed, estimator, name, group or tags. Texts contain the
 *   value with `:` and are the value with `=`; commas part values of which one has to fit.
 * - `key > number`, with `<`, `>=`, `<=` as well; `key != value`.
 * - A minus in front of a term turns it round.
 *
 * Keys are read without regard to case and to what is no letter or digit; a parameter is called by the last part of its path or by all of it.
 */
export type FilterTerm = (
  | { readonly kind: 'word'; readonly text: string }
  | {
      readonly kind: 'field';
      /** As it was written. */ readonly key: string;
      readonly operator: Operator;
      /** One of which has to fit. */ readonly values: readonly string[];
    }
) & { readonly isNegated: boolean };

type Operator = ':' | '=' | '<' | '<=' | '>' | '>=';
type Value = string | number | boolean;

/** Characters of what was written, in a sentence about it. */
const longestQuote = 60;
const term = /(-?)(?:"([^"]*)(?:"|$)|([^\s"<>=:!≤≥≠]+))?(?:\s*(<=|>=|!=|[<>=:≤≥≠])\s*(?:"([^"]*)(?:"|$)|([^\s"]+))?)?/uy;
const spelled: Readonly<Record<string, string>> = { '≤': '<=', '≥': '>=', '≠': '!=' };

/** The terms of a filter; none of an empty one. A string says what is wrong with it. */
export function parseRunFilter(text: string): readonly FilterTerm[] | string {
  const terms: FilterTerm[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at))) at += 1;
    if (at >= text.length) return terms;
    term.lastIndex = at;
    const match = term.exec(text);
    const source = match?.[0].trim() ?? '';
    if (match === null || source === '') return `“${shortened(text.slice(at))}” cannot be read here.`;
    at += match[0].length;
    const parsed = parseTerm(match, source);
    if (typeof parsed === 'string') return parsed;
    terms.push(parsed);
  }
}

function parseTerm([, minus, quoted, plain, sign, quotedValue, plainValue]: RegExpExecArray, whole: string): FilterTerm | string {
  const source = shortened(whole);
  const key = quoted ?? plain ?? '';
  const isNegated = minus === '-';
  if (sign === undefined)
    return key === ''
      ? `“${source}” leaves out nothing: write a word right behind it, as in -opo.`
      : { kind: 'word', text: key, isNegated };
  if (key === '') return `“${source}” does not say what is compared, as in score > 0.5.`;
  const value = quotedValue ?? plainValue;
  if (value === undefined || (quotedValue === undefined && /^,+$/.test(value)))
    return `“${source}” has no value, as in ${sign === ':' ? 'state:collapsed' : `score ${sign} 0.5`}.`;
  const operator = spelled[sign] ?? sign;
  if (operator === '!=') return { kind: 'field', key, operator: '=', values: [value], isNegated: !isNegated };
  if (operator === ':' || operator === '=') {
    const values = quotedValue === undefined ? value.split(',').filter((part) => part !== '') : [value];
    return { kind: 'field', key, operator, values, isNegated };
  }
  if (numberOf(value) === null) return `“${source}” compares with “${shortened(value)}”, which is not a number.`;
  return { kind: 'field', key, operator: operator as Operator, values: [value], isNegated };
}

/** As it is quoted in a sentence. */
function shortened(text: string): string {
  return shortNames([text], longestQuote)[0] ?? text;
}

/** What no run could ever match, in a sentence: a key that none of them has, a state that there is not. Empty: nothing. */
export function filterProblem(terms: readonly FilterTerm[], runs: readonly PanelRun[]): string {
  for (const field of terms) {
    if (field.kind === 'word') continue;
    const { key, values } = field;
    if (folded(key) === 'state') {
      const unknown = values.find((value) => !stateNames.some((name) => name.includes(value.toLowerCase())));
      if (unknown !== undefined) return `There is no state “${shortened(unknown)}”. States are ${stateNames.join(', ')}.`;
    } else if (runs.length > 0 && !isOwnKey(key) && runs.every((run) => parameterValues(run, key).length === 0))
      return `No number is called “${shortened(key)}”, and no parameter of that name differs among these runs.`;
  }
  return '';
}

/** Whether all terms hold of a run. */
export function matchesFilter(terms: readonly FilterTerm[], run: PanelRun): boolean {
  return terms.every((asked) => holds(asked, run) !== asked.isNegated);
}

function holds(asked: FilterTerm, run: PanelRun): boolean {
  if (asked.kind === 'word') {
    const word = asked.text.toLowerCase();
    return namesOf(run).some((name) => name.toLowerCase().includes(word));
  }
  const { key, operator, values } = asked;
  return valuesOf(run, key).some((found) => values.some((value) => fits(found, operator, value)));
}

function fits(found: Value, operator: Operator, value: string): boolean {
  const [a, b] = [typeof found === 'boolean' ? null : numberOf(found), numberOf(value)];
  switch (operator) {
    case '<':
      return a !== null && b !== null && a < b;
    case '<=':
      return a !== null && b !== null && a <= b;
    case '>':
      return a !== null && b !== null && a > b;
    case '>=':
      return a !== null && b !== null && a >= b;
    case '=':
      return (a !== null && a === b) || String(found).toLowerCase() === value.toLowerCase();
    case ':':
      return typeof found === 'string' && a === null
        ? found.toLowerCase().includes(value.toLowerCase())
        : (a !== null && a === b) || String(found).toLowerCase() === value.toLowerCase();
  }
}

function numberOf(value: string | number): number | null {
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value.replace('−', '-'));
  return Number.isNaN(number) ? null : number;
}

const stateNames = [
  'waiting',
  'cancelled',
  'starting',
  'running',
  'finished',
  'stopped',
  'failed',
  'lost',
  'idle',
  'deleted',
  'healthy',
  'spike',
  'unstable',
  'silent',
  'collapsed',
  'recovered',
  'not judged',
  'repeat',
];

/** All that is true of its state at once: a run that recovered has collapsed, as it has in every count. */
function statesOf(run: PanelRun): readonly string[] {
  return [
    run.process,
    run.collapse === 'unknown' ? 'not judged' : run.collapse,
    ...(hasCollapsed(run) ? ['collapsed'] : []),
    ...(run.isDeleted === true ? ['deleted'] : []),
    ...((run.repeatOf ?? null) === null ? [] : ['repeat']),
  ];
}

function namesOf({ label, name, estimator, series, group, tags = [], stepNotes = [] }: PanelRun): readonly string[] {
  return [label, name, estimator, series, ...(group === undefined ? [] : [group]), ...tags, ...stepNotes.map(({ text }) => text)];
}

/** What a run has besides parameters, by folded key; several keys may mean one thing. */
const ownValues: Readonly<Record<string, (run: PanelRun) => readonly (Value | null)[]>> = {
  state: statesOf,
  seed: (run) => [run.seed],
  estimator: (run) => [run.estimator],
  name: (run) => [run.name, run.givenName ?? null],
  run: (run) => [run.label],
  series: (run) => [run.series],
  group: (run) => [run.group ?? null],
  tag: (run) => run.tags ?? [],
  tags: (run) => run.tags ?? [],
  note: (run) => (run.stepNotes ?? []).map(({ text }) => text),
  step: (run) => [run.numbers.step],
  steps: (run) => [run.numbers.step],
  score: (run) => [run.numbers.score],
  best: (run) => [run.numbers.bestScore],
  final: (run) => [run.numbers.finalScore ?? null],
  norm: (run) => [run.numbers.gradNorm],
  gradnorm: (run) => [run.numbers.gradNorm],
  mediannorm: (run) => [run.numbers.medianGradNorm],
  maxnorm: (run) => [run.numbers.maxGradNorm],
  onset: (run) => [run.onsetStep],
  speed: (run) => [run.numbers.stepsPerSecond],
};

/** Short names of parameters, by what they stand for. */
const aliases: Readonly<Record<string, string>> = { lr: 'learningrate', bs: 'batchsize' };

function valuesOf(run: PanelRun, key: string): readonly Value[] {
  const own = isOwnKey(key) ? ownValues[folded(key)] : undefined;
  return own === undefined ? parameterValues(run, key) : own(run).filter((value) => value !== null);
}

function isOwnKey(key: string): boolean {
  return Object.hasOwn(ownValues, folded(key));
}

function parameterValues({ parameters }: PanelRun, key: string): readonly Value[] {
  const asked = folded(key);
  const meant = Object.hasOwn(aliases, asked) ? [asked, aliases[asked]] : [asked];
  return Object.entries(parameters).flatMap(([path, value]) =>
    value !== null && (meant.includes(folded(lastPart(path))) || folded(path) === asked) ? [value] : [],
  );
}

/** "learningRate" of "optimizer.learningRate". */
export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

function folded(key: string): string {
  return key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Filters to begin with, or to go on with after what has been written, in which the last word may be unfinished. */
export function filterSuggestions(text: string, runs: readonly PanelRun[]): readonly string[] {
  const begun = text.split(/\s/).at(-1) ?? '';
  const before = text.slice(0, text.length - begun.length);
  const states = [...new Set(runs.flatMap(statesOf))].map((state) => `state:${state.includes(' ') ? `"${state}"` : state}`);
  const estimators = [...new Set(runs.map(({ estimator }) => estimator))].map((name) => (/[\s"<>=:]/.test(name) ? `"${name}"` : name));
  const parameters = [...new Set(runs.flatMap(({ parameters: all }) => Object.keys(all)))].map((path) => `${lastPart(path)}:`);
  const tags = [...new Set(runs.flatMap(({ tags: own = [] }) => own))].map((tag) => `tag:${/[\s"<>=:,]/.test(tag) ? `"${tag}"` : tag}`);
  const offered = [...states, ...estimators, ...tags, 'seed:', ...parameters, 'score>', 'best>', 'steps<'];
  const isNegated = begun.startsWith('-');
  const start = begun.slice(isNegated ? 1 : 0).toLowerCase();
  return offered
    .filter((offer) => offer.toLowerCase().includes(start) && offer.toLowerCase() !== start)
    .map((offer) => `${before}${isNegated ? '-' : ''}${offer}`);
}
