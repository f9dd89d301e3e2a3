import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createCollapseDetector } from '../../src/core/collapse/detector.ts';
import { metricNames } from '../../src/core/records/metricNames.ts';
import { train } from '../../src/trainer/training.ts';
import { twoLetterTask } from '../../study/twoLetterTask.ts';
import { engineFor, smallGru } from './engines/wasm/tinyEngine.ts';
import { tinyRunConfig } from './tinyRunConfig.ts';

interface FirstStep {
  /** The gradient norm as it is logged. */
  readonly logged: number;
  /** The gradient as Adam took it, by its first moment after one update. */
  readonly taken: readonly number[];
}

async function firstStep(maxGradNorm: number | null): Promise<FirstStep> {
  // A task that also a policy which has learnt nothing scores in: else there would be no gradient.
  const engine = await engineFor(twoLetterTask, smallGru, 64, 3);
  const config = {
    ...tinyRunConfig,
    estimator: 'reinforce' as const,
    steps: 1,
    rollout: { ...tinyRunConfig.rollout, promptsPerStep: 16, maxResponseTokens: 3 },
    optimizer: { ...tinyRunConfig.optimizer, maxGradNorm },
  };
  let logged = Number.NaN;
  const nothing = (): void => undefined;
  const no = (): boolean => false;
  const journal = { collapse: nothing, trajectories: nothing, checkpoint: nothing, stopRequested: no, checkpointRequested: no };
  const metrics = (_step: number, data: Readonly<Record<string, number>>): void => {
    logged = data[metricNames.gradNorm] ?? Number.NaN;
  };
  await train({
    config,
    engine,
    detector: createCollapseDetector(),
    journal: { ...journal, metrics },
    doneSteps: 0,
    history: [],
    now: () => 0,
  });
  const moments = [...engine.readOptimizer()].filter(([name]) => name.startsWith('m.'));
  const taken = moments.flatMap(([, { values }]) => Array.from(values, (value) => value / (1 - config.optimizer.beta1)));
  await engine.dispose();
  return { logged, taken };
}

function assertNear(actual: readonly number[], expected: readonly number[], scale: number): void {
  actual.forEach((value, i) => assert.ok(Math.abs(value - expected[i]!) <= 1e-5 * scale, `${i}: ${value} against ${expected[i]}`));
}

describe('clipping the gradient norm', () => {
  it('takes the gradient as it is without a limit, and under one that it keeps', async () => {
    const free = await firstStep(null);
    assert.ok(free.logged > 0);
    assert.ok(Math.abs(Math.hypot(...free.taken) - free.logged) <= 1e-5 * free.logged);
    assert.deepEqual(await firstStep(2 * free.logged), free);
  });

  it('shortens a longer gradient to the limit, in its own direction, and logs the norm that it had', async () => {
    const free = await firstStep(null);
    const clipped = await firstStep(free.logged / 4);
    assert.equal(clipped.logged, free.logged);
    assertNear(
      clipped.taken,
      free.taken.map((value) => value / 4),
      free.logged,
    );
  });
});
