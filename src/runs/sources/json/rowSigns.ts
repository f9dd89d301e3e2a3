import path from 'node:path';
import { isObject, parse } from '../../../core/records/json.ts';
import { mayBe } from '../../../core/records/metricRoles.ts';
import type { MetricRole } from '../../../core/records/metricRoles.ts';
import type { Glimpse } from '../format.ts';
import { StepRows } from './stepRow.ts';

/** Rows of a file that are looked at to tell what it is. */
const sniffedRows = 50;
/** Characters of a text that is no name, date or state, but something that was said. */
const longText = 120;
const roles = [
  'gradNorm',
  'score',
  'entropy',
  'kl',
  'responseLength',
  'clipRatio',
  'learningRate',
] as const satisfies readonly MetricRole[];
/** What only rows about samples have: prompts, answers, chats. */
const sampleNames =
  /^(?:prompts?|responses?|messages|conversations?|chosen|rejected|questions?|answers?|solution|completions?|instruction|outputs?|inputs?|text|content|gts|ground_truth)$/i;

/** Objects of a file that holds one a line, or a list of them, as far as its beginning shows them. */
export function rowsOf({ head }: Glimpse): readonly Readonly<Record<string, unknown>>[] {
  const text = head.toString('utf8').replace(/^\u{feff}/u, '');
  return text.trimStart().startsWith('[') ? listed(text) : byLine(text);
}

/** How sure it is that rows are the metrics of a run: 0 not at all, 1 beyond doubt. */
export function signOfMetrics(rows: readonly Readonly<Record<string, unknown>>[], { file }: Pick<Glimpse, 'file'>): number {
  if (rows.length === 0 || path.basename(file) === 'wandb-summary.json') return 0;
  const steps = new StepRows();
  const numbered: number[] = [];
  let [known, numbers, samples] = [0, 0, 0];
  for (const row of rows) {
    const { step, data } = steps.plain(row);
    if (step !== undefined) numbered.push(step);
    const names = Object.keys(data);
    numbers += names.length;
    if (names.some(isOfTraining)) known++;
    if (isSample(row)) samples++;
  }
  if (numbers === 0 || 2 * samples >= rows.length) return 0;
  // Rollouts have a step as well, the same for many of them.
  const isSeries = 2 * numbered.length > rows.length && 3 * new Set(numbered).size > numbered.length;
  if (2 * numbered.length > rows.length && !isSeries) return 0;
  // More than a dict in the output of Hugging Face's trainer would be: each line is one, and nothing else.
  if (isSeries) return rows.length > 1 ? 0.92 : known > 0 ? 0.8 : 0.4;
  return rows.length > 1 && 2 * known > rows.length ? 0.6 : 0;
}

/** Whether rows are as verl's file logger writes them: `{"step":…,"data":{…}}` and nothing else. */
export function areOfVerl(rows: readonly Readonly<Record<string, unknown>>[]): boolean {
  return rows.length > 0 && rows.every(({ step, data, ...others }) => isStep(step) && isObject(data) && Object.keys(others).length === 0);
}

function isStep(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isOfTraining(name: string): boolean {
  return roles.some((role) => mayBe(role, name)) || /(?:^|[/_.-])(?:loss|rewards?|return|accuracy|acc)(?:$|[/_.-])/i.test(name);
}

function isSample(row: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(row).some(
    ([name, value]) =>
      (typeof value === 'string' && (value.length > longText || sampleNames.test(name))) ||
      (Array.isArray(value) && sampleNames.test(name) && value.some((entry) => isObject(entry) || typeof entry === 'string')),
  );
}

function byLine(text: string): readonly Readonly<Record<string, unknown>>[] {
  const rows: Readonly<Record<string, unknown>>[] = [];
  let broken = 0;
  for (const line of text.split('\n', sniffedRows)) {
    if (line.trim() === '') continue;
    const value = line.trimStart().startsWith('{') ? parse(line) : undefined;
    if (isObject(value)) rows.push(value);
    else broken++;
  }
  // The last line may go on behind what is seen, and a program that was killed leaves one broken; many are no JSON lines.
  return rows.length > broken || (rows.length > 0 && broken === 1) ? rows : [];
}

/** The objects of a list whose end may not be seen. */
function listed(text: string): readonly Readonly<Record<string, unknown>>[] {
  const rows: Readonly<Record<string, unknown>>[] = [];
  let depth = 0;
  let from = -1;
  for (let at = text.indexOf('[') + 1; at < text.length && rows.length < sniffedRows; at++) {
    const char = text[at];
    if (char === '"') for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    if (char === '{' || char === '[') {
      if (depth++ === 0) from = at;
    } else if ((char === '}' || char === ']') && --depth === 0) {
      const value = parse(text.slice(from, at + 1));
      if (!isObject(value)) return [];
      rows.push(value);
    }
    if (depth < 0) return rows;
  }
  return rows;
}
