import type { AdvantageBatch, EstimatorName, FloatArray } from './estimator.ts';
import { groupNumbers } from './outcomeBatch.ts';
import { estimatorInfos } from './registry.ts';

/** What is wrong with a request: the key, the row and column (from 0) where they matter, what was found and what is needed. */
export class AdvantagesRequestError extends Error {
  override readonly name = 'AdvantagesRequestError';
}

/**
 * Reads the document that `otb advantages` takes, under verl's names: `token_level_rewards` and `response_mask`, [batch × length]
 * as arrays of arrays; `index`, [batch] of strings or numbers, equal for responses to one prompt, only for estimators that compare
 * them; `old_log_probs` and `sum_pi_squared`, only for those that weigh by energy; `rollout_is_weights` and `handle_zero_tail`
 * (default true) on request. Other keys are not looked at, so that a dump of a whole batch will do.
 * The numbers stay float64: rewards may differ in digits that float32 lacks, and `grpo` divides by their deviation.
 * Throws AdvantagesRequestError.
 */
export function parseAdvantagesRequest(document: unknown, estimator: EstimatorName): AdvantageBatch {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new AdvantagesRequestError(
      `The request is ${describe(document)}; needed is an object with token_level_rewards, response_mask and index.`,
    );
  }
  const fields = new Map<string, unknown>(Object.entries(document));
  const { needsGroup, needsEnergy } = estimatorInfos[estimator];
  const required = (key: string): unknown => {
    const value = fields.get(key);
    if (value === undefined || value === null) throw new AdvantagesRequestError(`${key} is missing; ${estimator} needs it.`);
    return value;
  };
  const rows = listOf(required('token_level_rewards'), 'token_level_rewards', 'one row of numbers for each response');
  const batch = rows.length;
  const length = batch === 0 ? 0 : listOf(rows[0], 'token_level_rewards[0]', 'a number for each token').length;
  const matrix = (key: string, read = finiteNumber): Float64Array => readMatrix(required(key), key, batch, length, read);
  const optional = (key: string, read: () => Float64Array): Float64Array | null =>
    fields.get(key) === undefined || fields.get(key) === null ? null : read();
  return {
    batch,
    length,
    tokenRewards: matrix('token_level_rewards'),
    mask: Uint8Array.from(matrix('response_mask', zeroOrOne)),
    groups: needsGroup ? readGroups(required('index'), batch) : Int32Array.from({ length: batch }, (_, row) => row),
    logProbs: needsEnergy ? matrix('old_log_probs') : new Float64Array(batch * length),
    sumPiSquared: needsEnergy ? matrix('sum_pi_squared') : new Float64Array(batch * length),
    importanceWeights: optional('rollout_is_weights', () => matrix('rollout_is_weights')),
    handleZeroTail: readFlag(fields.get('handle_zero_tail') ?? true, 'handle_zero_tail'),
  };
}

/** [batch × length] advantages as arrays of arrays, for `{"advantages": …}`. */
export function advantageRows({ batch, length }: AdvantageBatch, advantages: FloatArray): number[][] {
  return Array.from({ length: batch }, (_, row) => Array.from(advantages.subarray(row * length, (row + 1) * length)));
}

type ReadNumber = (value: unknown, where: string) => number;

function readMatrix(value: unknown, key: string, batch: number, length: number, read: ReadNumber): Float64Array {
  const rows = listOf(value, key, 'one row of numbers for each response');
  if (rows.length !== batch) {
    throw new AdvantagesRequestError(`${key} has ${rows.length} rows; needed are ${batch}, as many as token_level_rewards has.`);
  }
  const numbers = new Float64Array(batch * length);
  rows.forEach((entry, row) => {
    const columns = listOf(entry, `${key}[${row}]`, 'a number for each token');
    if (columns.length !== length) {
      throw new AdvantagesRequestError(
        `${key}[${row}] has ${columns.length} numbers; needed are ${length}, as many as token_level_rewards[0] has. Pad shorter responses and set response_mask to 0 there.`,
      );
    }
    for (let column = 0; column < length; column++) numbers[row * length + column] = read(columns[column], `${key}[${row}][${column}]`);
  });
  return numbers;
}

function readGroups(value: unknown, batch: number): Int32Array {
  const prompts = listOf(value, 'index', 'a string or number for each response');
  if (prompts.length !== batch) {
    throw new AdvantagesRequestError(`index has ${prompts.length} entries; needed are ${batch}, one for each row of token_level_rewards.`);
  }
  return groupNumbers(
    prompts.map((prompt, row) => {
      if (typeof prompt === 'string' || typeof prompt === 'number') return prompt;
      throw new AdvantagesRequestError(`index[${row}] is ${describe(prompt)}; needed is a string or number that names the prompt.`);
    }),
  );
}

function listOf(value: unknown, where: string, needed: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new AdvantagesRequestError(`${where} is ${describe(value)}; needed is an array: ${needed}.`);
  return value;
}

function finiteNumber(value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new AdvantagesRequestError(`${where} is ${describe(value)}; needed is a finite number.`);
  return value;
}

function zeroOrOne(value: unknown, where: string): number {
  if (value === 0 || value === 1 || typeof value === 'boolean') return Number(value);
  throw new AdvantagesRequestError(
    `${where} is ${describe(value)}; needed is 1 for a token that the policy chose, 0 for tool output and padding.`,
  );
}

function readFlag(value: unknown, key: string): boolean {
  if (typeof value !== 'boolean') throw new AdvantagesRequestError(`${key} is ${describe(value)}; needed is true or false.`);
  return value;
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? `the string ${JSON.stringify(value.slice(0, 40))}` : String(value);
}
