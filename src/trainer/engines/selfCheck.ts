import { exactText, rounded } from '../../core/notation.ts';
import { maxTokensOf } from '../../core/memory/taskSizes.ts';
import type { Engine, GivenSequence, Tensors } from './engine.ts';
import { EngineUnusableError, type EngineSetup } from './engineEntry.ts';
import { wasmSimd } from './wasm/entries.ts';

/** The largest difference that rounding explains, of the largest value of a quantity. */
const tolerance = 1e-4;
/** A tensor whose gradient is next to nothing consists of rounding: it is held against this share of the largest one. */
const smallGradient = 0.1;
const checkedSequences = 2;
const checkedTokens = 12;

/** What an engine makes of the batch: values by quantity, and the size that a difference is measured by. */
type Results = ReadonlyMap<string, { readonly values: ArrayLike<number>; readonly scale: number }>;

/**
 * Holds an engine that was just made against wasm-simd: log-probabilities, Σπ², loss and gradient of a small batch under the policy of
 * the config and the parameters that it begins with. Throws an EngineUnusableError where they differ by more than rounding.
 */
export async function checkEngine(engine: Engine, setup: EngineSetup): Promise<void> {
  if (engine.name === wasmSimd.name) return;
  const sequences = Math.min(checkedSequences, setup.sequences);
  const reference = await wasmSimd.create({ ...setup, sequences, threads: 1 });
  try {
    reference.writeParameters(engine.readParameters());
    const batch = givenBatch(setup, sequences);
    const { temperature } = setup.config.rollout;
    const expected = await resultsOf(reference, batch, temperature);
    const found = await resultsOf(engine, batch, temperature);
    for (const [quantity, { values, scale }] of expected) compare(engine.name, quantity, found.get(quantity)!.values, values, scale);
  } finally {
    await reference.dispose();
  }
}

/** Tokens of all kinds, with others' tokens among them. */
function givenBatch({ task, config }: EngineSetup, sequences: number): readonly GivenSequence[] {
  const vocabulary = task.vocabulary.length;
  const length = Math.min(checkedTokens, maxTokensOf(task, config.rollout.maxResponseTokens));
  return Array.from({ length: sequences }, (_, row) => {
    const tokens = Array.from({ length: length - row }, (__, i) => (i * i + 5 * i + 7 * row + 1) % vocabulary);
    const promptLength = 2 + row;
    return { tokens, promptLength, isAction: tokens.slice(promptLength).map((__, i) => i % 4 !== 2) };
  });
}

async function resultsOf(engine: Engine, given: readonly GivenSequence[], temperature: number): Promise<Results> {
  const batch = await engine.forward(given, temperature);
  const at = Array.from(batch.isAction.keys()).filter((i) => batch.isAction[i] === 1);
  const logProbs = at.map((i) => batch.logProbs[i]!);
  const sumPiSquared = at.map((i) => batch.sumPiSquared[i]!);
  // Weights of both signs, as advantages are.
  const weights = Float32Array.from(batch.isAction, (action, i) => (action === 1 ? ((i % 5) - 1.5) / at.length : 0));
  const loss = at.reduce((sum, i) => sum - weights[i]! * batch.logProbs[i]!, 0);
  await engine.backward(weights);
  const gradient = engine.readGradient();
  const largest = Math.max(...Array.from(gradient.values(), ({ values }) => largestOf(values)));
  return new Map([
    ['the log-probability of a token', { values: logProbs, scale: largestOf(logProbs) }],
    ['Σπ² at a token', { values: sumPiSquared, scale: largestOf(sumPiSquared) }],
    ['the loss', { values: [loss], scale: Math.max(Math.abs(loss), 1) }],
    ...gradientsOf(gradient, largest),
  ]);
}

function gradientsOf(gradient: Tensors, largest: number): Results {
  return new Map(
    Array.from(gradient, ([name, { values }]) => [
      `the gradient of ${name}`,
      { values, scale: Math.max(largestOf(values), smallGradient * largest) },
    ]),
  );
}

function largestOf(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

function compare(engine: string, quantity: string, found: ArrayLike<number>, expected: ArrayLike<number>, scale: number): void {
  const most = tolerance * scale;
  for (let i = 0; i < expected.length; i++) {
    if (Math.abs(found[i]! - expected[i]!) <= most) continue;
    throw new EngineUnusableError(
      `The engine ${engine} calculates wrongly here: ${quantity} is ${numberText(found[i])}, with ${wasmSimd.name} ${numberText(expected[i])}; rounding explains a difference of at most ${numberText(most)}.`,
      `Choose --engine ${wasmSimd.name}.`,
    );
  }
}

function numberText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? 'not a number' : exactText(rounded(value, 7));
}
