import { estimatorNames } from '../estimators/estimator.ts';
import type { EstimatorName } from '../estimators/estimator.ts';
import { isObject } from '../records/json.ts';
import type { TokenValues, Trajectory } from '../records/trajectory.ts';
import {
  bytes,
  count,
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
} from '../panel/shape.ts';
import type { Shape } from '../panel/shape.ts';
import type { LensHostMessage, LensMemory, LensMessage, LensRow } from './messages.ts';
import type { EstimatorNoise, NoiseReport } from './noise.ts';

const step: Shape<number> = simple(Number.isSafeInteger, 'not a step');
const estimator: Shape<EstimatorName> = oneOf(...estimatorNames);
const fact = nullable(either(text, either(flag, jsonNumber)));
const facts: Shape<Trajectory['facts']> = record(fact);

/** An object with a value for some of the estimators; others are refused. */
function byEstimator<T>(shape: Shape<T>): Shape<Readonly<Partial<Record<EstimatorName, T>>>> {
  return {
    problem(value, path) {
      if (!isObject(value)) return `${path} is not an object`;
      const unknown = Object.keys(value).find((key) => !(estimatorNames as readonly string[]).includes(key));
      return unknown === undefined ? record(shape).problem(value, path) : `${path}.${unknown} is no estimator`;
    },
  };
}

const row: Shape<LensRow> = object<LensRow>({
  sequence: count,
  group: count,
  promptStart: text,
  responseStart: text,
  reward: nullable(jsonNumber),
  turns: nullable(count),
  truncated: nullable(flag),
  tokens: nullable(count),
  actions: nullable(count),
  characters: count,
  energy: nullable(jsonNumber),
  largestAdvantage: byEstimator(finiteNumber),
  facts,
});

const tokenValues: Shape<TokenValues> = byEstimator(either(finiteNumber, singles));

const trajectory: Shape<Trajectory> = where(
  object<Trajectory>({
    sequence: count,
    group: count,
    prompt: list(text),
    response: list(text),
    isTokenized: flag,
    mask: nullable(bytes),
    reward: nullable(jsonNumber),
    turns: nullable(count),
    truncated: nullable(flag),
    logProbs: nullable(singles),
    sumPiSquared: nullable(singles),
    tokenEnergy: nullable(singles),
    accumulatedEnergy: nullable(singles),
    advantages: tokenValues,
    baselines: tokenValues,
    facts,
  }),
  ({ response, mask, logProbs, sumPiSquared, tokenEnergy, accumulatedEnergy, advantages, baselines }) =>
    [mask, logProbs, sumPiSquared, tokenEnergy, accumulatedEnergy, ...Object.values(advantages), ...Object.values(baselines)].every(
      (values) => values === null || typeof values === 'number' || values.length === response.length,
    ),
  'has other values than tokens',
);

const estimatorNoise: Shape<EstimatorNoise> = object<EstimatorNoise>({
  estimator,
  totalPower: jsonNumber,
  power: jsonNumber,
  scale: jsonNumber,
  signal: nullable(jsonNumber),
  noise: nullable(jsonNumber),
  ratio: nullable(jsonNumber),
  byPosition: list(jsonNumber),
});

const noiseReport: Shape<NoiseReport> = object<NoiseReport>({
  inUse: nullable(estimator),
  trajectories: count,
  all: list(estimatorNoise),
  groups: list(object<NoiseReport['groups'][number]>({ group: count, trajectories: count, noise: list(estimatorNoise) })),
  ends: list(count),
  remarks: list(text),
});

type Told<Type extends LensHostMessage['type']> = Extract<LensHostMessage, { type: Type }>;

const hostMessage: Shape<LensHostMessage> = tagged<LensHostMessage, 'type'>('type', {
  source: object<Told<'source'>>({
    type: oneOf('source'),
    name: text,
    place: optional(text),
    estimator: nullable(estimator),
    steps: list(step),
  }),
  step: object<Told<'step'>>({ type: oneOf('step'), step }),
  rows: object<Told<'rows'>>({ type: oneOf('rows'), step, rows: list(row), isComplete: flag }),
  malformed: object<Told<'malformed'>>({
    type: oneOf('malformed'),
    step,
    lines: list(object<Told<'malformed'>['lines'][number]>({ line: count, problem: text })),
  }),
  trajectories: object<Told<'trajectories'>>({ type: oneOf('trajectories'), step, trajectories: list(trajectory) }),
  found: object<Told<'found'>>({ type: oneOf('found'), step, text, sequences: list(count) }),
  noise: object<Told<'noise'>>({ type: oneOf('noise'), step, noise: either(text, noiseReport) }),
  failure: object<Told<'failure'>>({ type: oneOf('failure'), step, message: text }),
});

type Said<Type extends LensMessage['type']> = Extract<LensMessage, { type: Type }>;

const lensMessage: Shape<LensMessage> = tagged<LensMessage, 'type'>('type', {
  ready: object<Said<'ready'>>({ type: oneOf('ready'), step: nullable(step) }),
  step: object<Said<'step'>>({ type: oneOf('step'), step }),
  want: object<Said<'want'>>({ type: oneOf('want'), step, sequences: list(count) }),
  search: object<Said<'search'>>({ type: oneOf('search'), step, text }),
  openFile: object<Said<'openFile'>>({ type: oneOf('openFile'), step }),
  error: object<Said<'error'>>({ type: oneOf('error'), message: text }),
});

const memory: Shape<LensMemory> = object<LensMemory>({ version: oneOf(1), place: text, step: nullable(step) });

/** What the extension said; a string says what is wrong with it. */
export function parseLensHostMessage(value: unknown): LensHostMessage | string {
  return parseShape(hostMessage, value, 'message');
}

/** What a token lens said; a string says what is wrong with it. */
export function parseLensMessage(value: unknown): LensMessage | string {
  return parseShape(lensMessage, value, 'message');
}

/** The state that a lens left in the window; a string says why it cannot be used. */
export function parseLensMemory(value: unknown): LensMemory | string {
  return parseShape(memory, value, 'memory');
}
