import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RunConfig } from '../../src/core/config/config.ts';
import type { AdvantageBatch } from '../../src/core/estimators/estimator.ts';
import type { Rollout } from '../../src/trainer/engines/engine.ts';
import type { WasmEngine } from '../../src/trainer/engines/wasm/engine.ts';
import { backwardWeights, lossScales, responsesOf } from '../../src/trainer/responses.ts';
import { policyLoss } from '../../src/trainer/stepMetrics.ts';
import { ledgerEngine, smallGru } from './engines/wasm/tinyEngine.ts';
import { gruLogits, inFloat64, logProbability } from './policies/gruReference.ts';

type Aggregation = RunConfig['loss']['aggregation'];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** The aggregations as they are defined: from the losses of each response's action tokens. */
const definitions: Readonly<Record<Aggregation, (responses: readonly (readonly number[])[]) => number>> = {
  'seq-mean-token-sum': (responses) => mean(responses.map(sum)),
  'token-mean': (responses) => mean(responses.flat()),
  'seq-mean-token-mean': (responses) => mean(responses.map(mean)),
};
const aggregations = Object.keys(definitions) as Aggregation[];

describe('the loss of a batch', () => {
  // Two responses of 3 and 1 action tokens; a tool's token, in the middle of the first, and padding do not count.
  const mask = Uint8Array.of(1, 1, 0, 1, 1, 0, 0, 0);
  const logProbs = Float32Array.of(-1, -2, 0, -4, -8, 0, 0, 0);
  const advantages = Float32Array.of(2, 2, 0, 2, -3, 0, 0, 0);
  const none = {
    tokenRewards: new Float32Array(8),
    sumPiSquared: new Float32Array(8),
    groups: Int32Array.of(0, 0),
    importanceWeights: null,
    handleZeroTail: true,
  };
  const batch: AdvantageBatch = { batch: 2, length: 4, mask, logProbs, ...none };

  it('weighs each response as its aggregation says', () => {
    assert.deepEqual([...lossScales(batch, 'seq-mean-token-sum')], [1 / 2, 1 / 2]);
    assert.deepEqual([...lossScales(batch, 'token-mean')], [1 / 4, 1 / 4]);
    assert.deepEqual([...lossScales(batch, 'seq-mean-token-mean')], [1 / 6, 1 / 2]);
  });

  it('is what the aggregation makes of −A·log π', () => {
    const loss = (aggregation: Aggregation): number => policyLoss(batch, advantages, lossScales(batch, aggregation));
    // −A·log π: 2, 4 and 8 of the first response, −24 of the second.
    assert.equal(loss('seq-mean-token-sum'), (14 - 24) / 2);
    assert.equal(loss('token-mean'), (14 - 24) / 4);
    assert.ok(Math.abs(loss('seq-mean-token-mean') - (14 / 3 - 24) / 2) < 1e-12);
  });

  it('weighs a response without action tokens by a number, too', () => {
    const empty: AdvantageBatch = { ...batch, mask: new Uint8Array(8) };
    for (const aggregation of aggregations) assert.ok(lossScales(empty, aggregation).every(Number.isFinite), aggregation);
  });
});

describe('the gradient of a step', () => {
  let engine: WasmEngine;
  let rollout: Rollout;
  let batch: AdvantageBatch;
  let advantages: Float32Array;

  before(async () => {
    engine = await ledgerEngine({ sequences: 8, maxResponseTokens: 40 });
    rollout = await engine.rollout({ seed: 3, step: 1, promptsPerStep: 2, groupSize: 4, maxResponseTokens: 40, temperature: 1 });
    batch = responsesOf(rollout, 4, true);
    advantages = Float32Array.from(batch.mask, (action, i) => action * Math.sin(i));
  });
  after(() => engine.dispose());

  /** −A·log π of each response's action tokens, under a policy in float64. */
  function tokenLosses(parameters: ReadonlyMap<string, Float64Array>): readonly (readonly number[])[] {
    return Array.from({ length: rollout.sequences }, (_, i) => {
      const tokens = Array.from(rollout.tokens.subarray(i * rollout.maxTokens, i * rollout.maxTokens + rollout.lengths[i]!));
      const logits = gruLogits(parameters, smallGru.width, rollout.vocabulary, tokens);
      const prompt = rollout.promptLengths[i]!;
      return tokens.slice(prompt).flatMap((token, j) => {
        const at = i * batch.length + j;
        return batch.mask[at] === 1 ? [-advantages[at]! * logProbability(logits, prompt - 1 + j, rollout.vocabulary, token, 1)] : [];
      });
    });
  }

  it('is measured on responses of several lengths, with tool tokens among them', () => {
    const lengths = tokenLosses(inFloat64(engine.readParameters())).map((losses) => losses.length);
    assert.ok(new Set(lengths).size > 1);
    assert.ok(lengths.some((actions, i) => actions < rollout.lengths[i]! - rollout.promptLengths[i]!));
  });

  for (const aggregation of aggregations) {
    it(`is that of the ${aggregation} loss, along any direction`, async () => {
      const scales = lossScales(batch, aggregation);
      await engine.backward(backwardWeights(rollout, batch, advantages, scales));
      const gradient = engine.readGradient();
      const parameters = inFloat64(engine.readParameters());
      assert.ok(Math.abs(policyLoss(batch, advantages, scales) - definitions[aggregation](tokenLosses(parameters))) < 1e-4);
      for (const frequency of [1, 2, 3]) {
        const direction = (i: number): number => Math.cos(frequency * i);
        const at = (distance: number): number => {
          const moved = new Map([...parameters].map(([name, values]) => [name, values.map((value, i) => value + distance * direction(i))]));
          return definitions[aggregation](tokenLosses(moved));
        };
        const expected = (at(1e-6) - at(-1e-6)) / 2e-6;
        const found = sum([...gradient.values()].map(({ values }) => sum(Array.from(values, (value, i) => value * direction(i)))));
        assert.ok(Math.abs(found - expected) <= 1e-3 * Math.max(1, Math.abs(expected)), `${found} against ${expected}`);
      }
    });
  }
});
