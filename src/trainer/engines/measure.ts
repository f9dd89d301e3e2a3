import { sizeOf } from '../../core/memory/engineLayout.ts';
import { policySize } from '../../core/memory/policySize.ts';
import { maxTokensOf } from '../../core/memory/taskSizes.ts';
import { countText } from '../../core/notation.ts';
import type { AdamStep, Engine, GivenSequence } from './engine.ts';
import type { EngineEntry, EngineSetup } from './engineEntry.ts';

/** How fast an engine is. */
export interface EngineSpeed {
  readonly name: string;
  /** Sampled or given, and differentiated. */
  readonly tokensPerSecond: number;
}

/** What was measured, and how it came out. */
export interface Measurement {
  /** "at this size", "at this width with 2 of 8 layers" */
  readonly at: string;
  /** In the order of the list of engines. */
  readonly speeds: readonly EngineSpeed[];
}

/** Milliseconds for all engines together; a round that has begun is ended. */
const budgetMs = 500;
/** In the first round of each its kernels are not fully compiled. */
const leastRounds = 2;
const mostRounds = 12;
/** Multiplications of one round of one thread: some 20 ms. */
const roundWork = 5e7;
const mostSequences = 16;
/** A policy of more parameters is measured with fewer layers: to fill it with random numbers alone would take longer than the measurement. */
const mostParameters = 1e6;

const adam: AdamStep = { learningRate: 1e-6, gradientScale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, update: 1 };

/**
 * Runs engines in turn for a moment, at the size of a run: each samples, and updates on sequences as long as responses may be. The
 * fastest round of each counts, since whatever disturbs one makes it slower.
 */
export async function measureEngines(entries: readonly EngineEntry[], setup: EngineSetup): Promise<Measurement> {
  const { task, config } = setup;
  const { policy } = config;
  if (policy.kind !== 'transformer') return { at: 'at this size', speeds: await speedsOf(entries, setup) };
  const maxTokens = maxTokensOf(task, config.rollout.maxResponseTokens);
  let { layers } = policy;
  while (layers > 1 && parametersOf({ ...policy, layers }, task.vocabulary.length, maxTokens) > mostParameters) layers--;
  const speeds = await speedsOf(entries, { ...setup, config: { ...config, policy: { ...policy, layers } } });
  return { at: layers === policy.layers ? 'at this size' : `at this width with ${countText(layers, policy.layers)} layers`, speeds };
}

async function speedsOf(entries: readonly EngineEntry[], setup: EngineSetup): Promise<readonly EngineSpeed[]> {
  const { task, config, threads } = setup;
  const { maxResponseTokens } = config.rollout;
  const parameters = parametersOf(config.policy, task.vocabulary.length, maxTokensOf(task, maxResponseTokens));
  const tokens = Math.max(4 * threads, Math.ceil((threads * roundWork) / (3 * parameters)));
  const length = Math.max(2, Math.min(maxResponseTokens, Math.ceil(tokens / threads)));
  const sequences = Math.max(1, Math.min(setup.sequences, mostSequences, Math.floor(tokens / length)));
  const engines: Engine[] = [];
  try {
    for (const entry of entries) engines.push(await entry.create({ ...setup, sequences }));
    const best = engines.map(() => 0);
    const start = performance.now();
    for (let round = 0; round < leastRounds || (round < mostRounds && performance.now() - start < budgetMs); round++) {
      for (const [index, engine] of engines.entries()) {
        best[index] = Math.max(best[index]!, await tokensPerSecond(engine, setup, sequences, length));
      }
    }
    return entries.map(({ name }, index) => ({ name, tokensPerSecond: best[index]! }));
  } finally {
    for (const engine of engines) await engine.dispose();
  }
}

async function tokensPerSecond(engine: Engine, { task, config }: EngineSetup, sequences: number, length: number): Promise<number> {
  const { seed, rollout } = config;
  const { temperature } = rollout;
  const given = Array.from({ length: sequences }, (_, row) => givenSequence(row, length, task.vocabulary.length));
  const start = performance.now();
  const sampled = await engine.rollout({
    seed,
    step: 0,
    promptsPerStep: sequences,
    groupSize: 1,
    maxResponseTokens: Math.min(rollout.maxResponseTokens, Math.max(length, task.minResponseTokens)),
    temperature,
  });
  let tokens = sampled.lengths.reduce((sum, count) => sum + count, 0);
  await engine.backward(Float32Array.from(sampled.isAction));
  const batch = await engine.forward(given, temperature);
  tokens += sequences * length;
  await engine.backward(Float32Array.from(batch.isAction));
  engine.adam(adam);
  // Some engines only note what they are to do; this waits for it.
  engine.readGradient();
  return (1000 * tokens) / (performance.now() - start);
}

function givenSequence(row: number, length: number, vocabulary: number): GivenSequence {
  const tokens = Array.from({ length }, (_, i) => (i * i + 5 * i + 7 * row + 1) % vocabulary);
  return { tokens, promptLength: 1, isAction: tokens.slice(1).map(() => true) };
}

function parametersOf(policy: EngineSetup['config']['policy'], vocabulary: number, maxTokens: number): number {
  return policySize(policy, vocabulary, maxTokens).tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
