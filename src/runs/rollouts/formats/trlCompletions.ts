import type { EstimatorName } from '../../../core/estimators/estimator.ts';
import { stringify } from '../../../core/records/json.ts';
import { RunDirectoryError } from '../../directory/runDirectoryError.ts';
import type { ReadTrajectory, RolloutPlace, RolloutSource } from '../rolloutSource.ts';
import { fileOfStep, statusOf, stepFiles, stepInName } from '../stepFiles.ts';
import type { ReadRow } from './jsonLines.ts';
import type { Row, RolloutMapping } from './mapping.ts';
import { parquetColumns, parquetRows, type Column } from './parquet.ts';
import { trajectoriesOf } from './trajectoriesOf.ts';

/** The reward is no column of its own: what the reward functions gave is, before their weights. */
const trlMapping: RolloutMapping = {
  prompt: 'prompt',
  response: 'completion',
  reward: null,
  group: null,
  step: null,
  mask: null,
  logProbs: null,
  sumPiSquared: null,
};

/** Whether columns are those that TRL writes with `log_completions=True`. */
function areTrlColumns(columns: readonly Column[]): boolean {
  return ['prompt', 'completion', 'advantage'].every((wanted) => columns.some(({ name }) => name === wanted));
}

/** TRL's `completions/completions_NNNNN.parquet`: a folder of them, or one. */
export class TrlCompletions implements RolloutSource {
  constructor(
    private readonly place: RolloutPlace,
    readonly name: string,
    readonly estimator: EstimatorName | null,
  ) {}

  async steps(): Promise<readonly number[]> {
    const files = await stepFiles(this.place);
    return files ? [...files.keys()] : [stepInName(this.place.path) ?? 0];
  }

  async *read(step: number): AsyncGenerator<ReadTrajectory> {
    const file = await fileOfStep(this.place, step);
    const columns = await parquetColumns(file);
    if (!areTrlColumns(columns)) {
      const problem = 'lacks the columns prompt, completion and advantage, so that TRL has not written it';
      throw new RunDirectoryError(file, problem, 'Choose a file that TRL has written with log_completions=True.');
    }
    const rewards = await rewardColumns(file, columns);
    yield* trajectoriesOf({
      rows: () => numbered(parquetRows(file)),
      size: (await statusOf(file)).size,
      mapping: trlMapping,
      step: null,
      finish: (response, row) => ({ ...response, reward: rewardOf(row as Row, rewards) }),
    });
  }
}

async function* numbered(rows: AsyncIterable<Row>): AsyncGenerator<ReadRow> {
  let line = 0;
  for await (const value of rows) yield { line: ++line, value };
}

/**
 * The columns whose sum is the reward. Those of the reward functions come behind the completion, before what else somebody logged, and
 * nothing in the file tells one from the other: but a reward less its mean in the group is the advantage, or a multiple of it. Empty:
 * none is found, as where the functions have weights.
 */
async function rewardColumns(file: string, columns: readonly Column[]): Promise<readonly string[]> {
  const behind = columns.slice(columns.findIndex(({ name }) => name === 'completion') + 1);
  const end = behind.findIndex(({ name, type }) => name === 'advantage' || type !== 'DOUBLE');
  const candidates = behind.slice(0, end < 0 ? behind.length : end).map(({ name }) => name);
  if (candidates.length <= 1) return candidates;
  const groups = new Map<string, { readonly values: readonly number[]; readonly advantage: number }[]>();
  for await (const row of parquetRows(file)) {
    const prompt = stringify(row['prompt'] ?? null);
    const values = candidates.map((_, i) => rewardOf(row, candidates.slice(0, i + 1)) ?? Number.NaN);
    const members = groups.get(prompt) ?? [];
    members.push({ values, advantage: Number(row['advantage']) });
    groups.set(prompt, members);
  }
  for (let count = candidates.length; count > 0; count--) {
    if ([...groups.values()].every((members) => agree(members.map(({ values, advantage }) => [values[count - 1]!, advantage]))))
      return candidates.slice(0, count);
  }
  return [];
}

/** Whether rewards of a group, less their mean, are a positive multiple of its advantages. */
function agree(members: readonly (readonly [reward: number, advantage: number])[]): boolean {
  const known = members.filter(([reward, advantage]) => Number.isFinite(reward) && Number.isFinite(advantage));
  const mean = known.reduce((sum, [reward]) => sum + reward, 0) / known.length;
  const centred = known.map(([reward]) => reward - mean);
  const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const advantages = known.map(([, advantage]) => advantage);
  const [own, theirs, both] = [product(centred, centred), product(advantages, advantages), product(centred, advantages)];
  const isZero = (square: number): boolean => square < 1e-9;
  if (isZero(own) || isZero(theirs)) return isZero(own) === isZero(theirs);
  return both > 0 && both * both > 0.9999 * own * theirs;
}

/** A function that had nothing to say of a response counts as 0, as for TRL; null where none had. */
function rewardOf(row: Row, columns: readonly string[]): number | null {
  const values = columns.map((name) => row[name]).filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
