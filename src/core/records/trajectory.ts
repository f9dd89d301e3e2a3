import { tokenEnergy } from '../estimators/energy.ts';
import { estimatorNames, type EstimatorName } from '../estimators/estimator.ts';
import { counted } from '../notation.ts';
import { getOwn, isObject, parse, parseNumber, setOwn } from './json.ts';

/**
 * One sampled response to a prompt, as a line of `rollouts/step-….jsonl` has it, or as much of one as another program wrote. What a
 * source does not say is null. Values per token are [response.length]; NaN where the policy did not choose the token.
 */
export interface Trajectory {
  /** Its place among those of the step, from 0. */
  readonly sequence: number;
  /** Responses to the same prompt have the same number, counted from 0 in order of first appearance. */
  readonly group: number;
  /** Tokens as texts; of a source that has no tokens one text each, or one a message. */
  readonly prompt: readonly string[];
  readonly response: readonly string[];
  /** Whether the response is in tokens, so that there are values for each. */
  readonly isTokenized: boolean;
  /** 1: chosen by the policy; 0: what a tool or the environment answered. Null: the source does not tell the two apart. */
  readonly mask: Uint8Array | null;
  readonly reward: number | null;
  readonly turns: number | null;
  readonly truncated: boolean | null;
  /** log π of each token that was chosen. */
  readonly logProbs: Float32Array | null;
  /** Σ_v π(v)² at each token. */
  readonly sumPiSquared: Float32Array | null;
  /** w_t = 1 − 2π + Σπ² of each token. */
  readonly tokenEnergy: Float32Array | null;
  /** W_t = Σ_{j≤t} w_j; keeps its value over tokens that the policy did not choose. */
  readonly accumulatedEnergy: Float32Array | null;
  /** By estimator: a number where it is the same at every token that was chosen. */
  readonly advantages: TokenValues;
  /** The same, for the estimators whose advantage is a reward less a baseline. */
  readonly baselines: TokenValues;
  /** What else the source says of it, e.g. verl's `gts` and `acc`, in its own words. */
  readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}

export type TokenValues = Readonly<Partial<Record<EstimatorName, number | Float32Array>>>;

/** Numbers of a line, one a token of the response: NaN and 0 in `chosen` where it has null. */
export class TokenNumbers {
  constructor(
    readonly values: Float32Array,
    readonly chosen: Uint8Array,
  ) {}
}

/** Values of a line beyond which it is none: 24 lists of 160,000 tokens. */
const mostValues = 4_000_000;

/** A line of `rollouts/step-….jsonl`; a text: what is wrong with it, naming the key. */
export function parseTrajectoryLine(line: string): Trajectory | string {
  const value = parse(line, { values: mostValues });
  return value === undefined ? 'is not JSON, or is cut off' : parseTrajectory(value);
}

/** The same of a line that is JSON already, whose lists of numbers may be `TokenNumbers`. Keys of other programs become facts. */
export function parseTrajectory(value: unknown): Trajectory | string {
  try {
    return trajectoryOf(value);
  } catch (error) {
    if (error instanceof Problem) return error.message;
    throw error;
  }
}

/** What is wrong with a line, as words. */
class Problem extends Error {}

/** Keys of which something is made. */
const ownKeys = new Set([
  ...['sequence', 'group', 'prompt', 'response', 'reward', 'turns', 'truncated', 'log_probs', 'sum_pi_squared'],
  ...['realized_energy', 'accumulated_energy', 'advantages', 'baselines'],
]);

function trajectoryOf(line: unknown): Trajectory {
  if (!isObject(line)) throw new Problem('is not a JSON object');
  const count = (key: string): number => {
    const value = line[key];
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
    throw new Problem(`${key} ${complaint(value, 'a whole number from 0')}`);
  };
  const [sequence, group] = [count('sequence'), count('group')];
  const [prompt, response] = [texts(line, 'prompt'), texts(line, 'response')];
  const columns = new Columns(response.length);
  const numbers = (key: string): Float32Array | null => {
    const value = line[key];
    return value === undefined || value === null ? null : columns.take(value, key);
  };
  const [logProbs, sumPiSquared, energy] = [numbers('log_probs'), numbers('sum_pi_squared'), numbers('realized_energy')];
  const accumulated = numbers('accumulated_energy');
  const [advantages, baselines] = [tokenValues(line, 'advantages', columns), tokenValues(line, 'baselines', columns)];
  const energies = energy ?? (logProbs && sumPiSquared && energiesOf(logProbs, sumPiSquared));
  const { reward, turns, truncated } = line;
  const isMissing = (value: unknown): boolean => value === undefined || value === null;
  const rewarded = isMissing(reward) ? null : parseNumber(reward);
  if (rewarded === undefined) throw new Problem(`reward ${complaint(reward, 'a number')}`);
  if (!isMissing(truncated) && typeof truncated !== 'boolean') throw new Problem(`truncated ${complaint(truncated, 'true or false')}`);
  return {
    sequence,
    group,
    prompt,
    response,
    isTokenized: true,
    mask: columns.chosen,
    reward: rewarded,
    turns: isMissing(turns) ? null : count('turns'),
    truncated: (truncated as boolean | null | undefined) ?? null,
    logProbs,
    sumPiSquared,
    tokenEnergy: energies,
    accumulatedEnergy: accumulated ? heldOver(accumulated, columns.chosen) : energies && runningSum(energies, columns.chosen),
    advantages,
    baselines,
    facts: factsOf(line),
  };
}

/** The lists of a line that have a number for each token that the policy chose: all of them must have the same tokens. */
class Columns {
  chosen: Uint8Array | null = null;
  /** The key that said which tokens were chosen. */
  private saidBy = '';

  constructor(private readonly tokens: number) {}

  take(value: unknown, key: string): Float32Array {
    const { values, chosen } = value instanceof TokenNumbers ? value : numbersOf(value, key);
    if (values.length !== this.tokens)
      throw new Problem(`${key} has ${counted(values.length, 'value')}, and response has ${counted(this.tokens, 'token')}`);
    if (this.chosen === null) [this.chosen, this.saidBy] = [chosen, key];
    const known = this.chosen;
    for (let t = 0; t < chosen.length; t++) {
      if (chosen[t] === known[t]) continue;
      const [without, has] = chosen[t] === 0 ? [key, this.saidBy] : [this.saidBy, key];
      throw new Problem(`${without}[${t}] is null, and ${has}[${t}] is a number`);
    }
    return values;
  }
}

function numbersOf(value: unknown, key: string): TokenNumbers {
  if (!Array.isArray(value)) throw new Problem(`${key} ${complaint(value, 'a list of numbers')}`);
  const values = new Float32Array(value.length).fill(Number.NaN);
  const chosen = new Uint8Array(value.length);
  (value as readonly unknown[]).forEach((entry, t) => {
    if (entry === null) return;
    const number = parseNumber(entry);
    if (number === undefined) throw new Problem(`${key}[${t}] ${complaint(entry, 'a number')}`);
    values[t] = number;
    chosen[t] = 1;
  });
  return new TokenNumbers(values, chosen);
}

function texts(line: Readonly<Record<string, unknown>>, key: string): readonly string[] {
  const value = line[key];
  if (!Array.isArray(value)) throw new Problem(`${key} ${complaint(value, 'a list of texts')}`);
  const wrong = value.findIndex((entry) => typeof entry !== 'string');
  if (wrong >= 0) throw new Problem(`${key}[${wrong}] ${complaint(value[wrong], 'a text')}`);
  return value as readonly string[];
}

/** Estimators that are not known here, as a later version may write them, are passed over. */
function tokenValues(line: Readonly<Record<string, unknown>>, key: string, columns: Columns): TokenValues {
  const given = line[key];
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw new Problem(`${key} ${complaint(given, 'an object')}`);
  const values: Partial<Record<EstimatorName, number | Float32Array>> = {};
  for (const name of estimatorNames) {
    const value = getOwn(given, name);
    if (value === undefined || value === null) continue;
    values[name] = parseNumber(value) ?? columns.take(value, `${key}.${name}`);
  }
  return values;
}

function factsOf(line: Readonly<Record<string, unknown>>): Trajectory['facts'] {
  const facts: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(line)) {
    const isFact = value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (isFact && !ownKeys.has(key)) setOwn(facts, key, value);
  }
  return facts;
}

function energiesOf(logProbs: Float32Array, sumPiSquared: Float32Array): Float32Array {
  return logProbs.map((logProb, t) => tokenEnergy(logProb, sumPiSquared[t]!, 1));
}

/** W_t of w_t. A token that was chosen and whose energy is not a number makes no number of those that follow. */
function runningSum(energies: Float32Array, chosen: Uint8Array | null): Float32Array {
  let sum = 0;
  return energies.map((energy, t) => (sum += chosen?.[t] === 0 ? 0 : energy));
}

/** The last value before it where there is none; 0 where none came before. */
function heldOver(values: Float32Array, chosen: Uint8Array | null): Float32Array {
  let last = 0;
  return values.map((value, t) => (last = chosen?.[t] === 0 ? last : value));
}

/** `is not a number but "abc"`; `is missing`. */
function complaint(value: unknown, wanted: string): string {
  if (value === undefined) return 'is missing';
  const written = value instanceof TokenNumbers ? 'a list of numbers' : JSON.stringify(value);
  return `is not ${wanted} but ${written.length > 40 ? `${written.slice(0, 40)}…` : written}`;
}
