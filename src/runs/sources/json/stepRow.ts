import { isObject, setOwn } from '../../../core/records/json.ts';
import type { MetricsRecord } from '../../../core/records/metrics.ts';
import type { RunFacts } from '../format.ts';
import { flattened, parameterFacts } from '../parameters.ts';
import { pythonNumber } from '../pythonNumber.ts';
import { stepColumn, timeColumn } from '../tables/tableHeader.ts';

/** Levels of objects that are taken apart, and characters of a text that is a number. */
const limits = { levels: 20, text: 40 } as const;

/** Objects of a row that are no metrics but what the run was started with: of Ray Tune and of many own loops. */
const configNames = new Set(['config', 'args', 'hparams', 'hyperparameters', 'params']);
/** "5/3766" in the rows of ms-swift: the step and how many there will be. */
const stepOfAll = 'global_step/max_steps';
/** The same in LLaMA-Factory's, in two numbers. */
const currentSteps = 'current_steps';
const totalSteps = 'total_steps';
/** Counts of something else that is longer than a step. */
const noSteps = new Set(['epoch', 'epochs', 'index']);

/** A row as its names say, whatever its numbers are. */
export interface PlainRow {
  /** Undefined: it names none. */
  readonly step: number | undefined;
  /** What may be seconds since 1970; NaN: nothing. */
  readonly time: number;
  readonly data: Readonly<Record<string, number>>;
}

/**
 * Makes records of the objects that a program writes one a step: flat, nested ("info/learner/kl"), or as verl's `{"step":…,"data":{…}}`.
 * A row without a step belongs to the step before it; where no row has one, its step is its ordinal.
 */
export class StepRows {
  private count = 0;
  private last: number | undefined;
  /** Name of the metric that is the time; empty: none is. Undefined: no row had one so far. */
  private timeName: string | undefined;
  private steps: { readonly names: readonly string[]; readonly name: string | undefined } = { names: [], name: undefined };
  private known: RunFacts = {};

  /** What the rows told of the run since the last call; undefined: nothing new. */
  takeFacts(): RunFacts | undefined {
    const { known } = this;
    this.known = {};
    return Object.keys(known).length > 0 ? known : undefined;
  }

  /** The record of the next row; undefined where it has no metrics. */
  take(row: Readonly<Record<string, unknown>>): MetricsRecord | undefined {
    // ms-swift writes what its trainer knows in the end into the same file.
    if (Array.isArray(row['log_history'])) return undefined;
    this.learn(row);
    const { step, time, data } = this.plain(row);
    for (const _ in data) return this.place({ step, time, data });
    return undefined;
  }

  /** The record of a row that was read already. */
  place({ step, time, data }: PlainRow): MetricsRecord {
    this.count++;
    if (step !== undefined) this.last = step;
    return { step: step ?? this.last ?? this.count, time: plausible(time), data };
  }

  /** So many rows were read in place of `take`, by their shape. */
  took(rows: number, lastStep: number): void {
    this.count += rows;
    this.last = lastStep;
  }

  /** A row, read as those before it taught; another row with the same names is read in the same way. */
  plain(row: Readonly<Record<string, unknown>>): PlainRow {
    const { data: inner, ...outer } = row;
    const isOfVerl = isObject(inner) && Object.hasOwn(row, 'step');
    const data: Record<string, number> = {};
    const texts = flatten(isOfVerl ? outer : row, '', data, 0);
    const ofAll = texts.get(stepOfAll)?.split('/')[0];
    const name = isOfVerl ? 'step' : this.stepName(data);
    const step = ofAll === undefined ? (name === undefined ? undefined : data[name]) : pythonNumber(ofAll);
    const time = this.timeName ? (data[this.timeName] ?? Number.NaN) : Number.NaN;
    if (name === 'step') delete data['step'];
    if (this.timeName === 'time') delete data['time'];
    // A metric in verl's data may be called as what stands beside it.
    if (isOfVerl) flatten(inner, '', data, 0);
    return { step: step !== undefined && Number.isFinite(step) ? step : undefined, time, data };
  }

  private stepName(data: Readonly<Record<string, number>>): string | undefined {
    const names = Object.keys(data);
    const { steps } = this;
    if (names.length !== steps.names.length || names.some((name, index) => name !== steps.names[index])) {
      this.steps = { names, name: stepNameAmong(names) };
    }
    return this.steps.name;
  }

  /** Which name is the time is decided once: a number of that name may count from the start of the run. */
  private learn(row: Readonly<Record<string, unknown>>): void {
    if (this.timeName === undefined) {
      const names = Object.keys(row).filter((name) => numberOf(row[name]) !== undefined);
      const index = timeColumn(names);
      const name = index === undefined ? undefined : names[index];
      if (name !== undefined) this.timeName = Number.isNaN(plausible(numberOf(row[name]) ?? Number.NaN)) ? '' : name;
    }
    if (this.count > 0) return;
    const total = typeof row[stepOfAll] === 'string' ? pythonNumber(row[stepOfAll].split('/')[1] ?? '') : row[totalSteps];
    const hasTotal = Object.hasOwn(row, stepOfAll) || Object.hasOwn(row, currentSteps);
    if (hasTotal && typeof total === 'number' && total > 0) this.known = { ...this.known, plannedSteps: total };
    for (const [name, value] of Object.entries(row))
      if (isConfig(name, value)) this.known = { ...this.known, ...parameterFacts(flattened(value)) };
  }
}

/** The name that counts the steps, of a row with these numbers. */
function stepNameAmong(names: readonly string[]): string | undefined {
  if (names.includes(currentSteps)) return currentSteps;
  const counting = names.filter((name) => !noSteps.has(name.toLowerCase()) && name !== '');
  const column = stepColumn(counting);
  return column && counting[column.index];
}

/** The numbers of an object by their paths; returns its texts that are none. */
function flatten(
  object: Readonly<Record<string, unknown>>,
  prefix: string,
  into: Record<string, number>,
  level: number,
  texts = new Map<string, string>(),
): Map<string, string> {
  for (const name in object) {
    const value = object[name];
    if (isObject(value)) {
      if (level < limits.levels && !(level === 0 && isConfig(name, value))) flatten(value, `${prefix}${name}/`, into, level + 1, texts);
      continue;
    }
    const number = numberOf(value);
    if (number !== undefined) setOwn(into, `${prefix}${name}`, number);
    else if (name === stepOfAll && typeof value === 'string') texts.set(name, value);
  }
  return texts;
}

/** A number, a text that is one, and null, as which orjson and Hugging Face's trainer write NaN. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null) return Number.NaN;
  return typeof value === 'string' && value.length <= limits.text ? pythonNumber(value) : undefined;
}

function isConfig(name: string, value: unknown): value is Readonly<Record<string, unknown>> {
  return configNames.has(name) && isObject(value);
}

/** Seconds since 1970, or NaN. */
export function plausible(time: number): number {
  return time > 1e9 && time < 1e11 ? time : Number.NaN;
}
