import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lanes, planLayout, sizeOf } from '../../../src/core/memory/engineLayout.ts';
import { memoryNeed, sequencesOf } from '../../../src/core/memory/memoryNeed.ts';
import { policySize } from '../../../src/core/memory/policySize.ts';
import { maxTokensOf, taskSizes } from '../../../src/core/memory/taskSizes.ts';
import { Random } from '../../../src/core/random.ts';
import { parseConfig } from '../../../src/runs/config/loadConfig.ts';
import { createPolicy } from '../../../src/trainer/policies/policy.ts';
import { createTask } from '../../../src/trainer/tasks/taskRegistry.ts';

const mib = 2 ** 20;
const config = (changes: Record<string, unknown> = {}) => parseConfig(JSON.stringify({ name: 'a', ...changes }), 'a.otb.json').config;
const figure1 = config();
const transformer = config({ policy: { kind: 'transformer', width: 32, layers: 2, heads: 2 }, rollout: { maxResponseTokens: 240 } });

describe('the memory that a run needs', () => {
  it('counts, for the engine, exactly what the trainer plans for its policy', () => {
    for (const { task, policy, rollout, warmStart, trajectories } of [figure1, transformer]) {
      const { vocabulary, ...size } = createTask({ task, warmStart });
      const maxTokens = maxTokensOf(size, rollout.maxResponseTokens);
      const capacity = { sequences: 32, maxTokens, vocabulary: vocabulary.length, threads: 2 };
      const { bytes } = planLayout(createPolicy(policy, vocabulary.length, maxTokens), capacity);
      assert.equal(memoryNeed({ task, policy, rollout, warmStart, trajectories }, 'auto', 2).engine, bytes);
    }
  });

  it('has the parameters eight times for the lanes, and three times more: themselves and two moments', () => {
    const [small, large] = [400, 800].map((width) =>
      config({ policy: { width }, rollout: { promptsPerStep: 1, groupSize: 2, maxResponseTokens: 9 }, warmStart: { steps: 0 } }),
    );
    const parameters = (width: number): number =>
      policySize({ kind: 'gru', width, truncateBackpropEvery: null }, 24, 100).tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    const grown = memoryNeed(large!, 'auto', 1).engine - memoryNeed(small!, 'auto', 1).engine;
    const perParameter = grown / (parameters(800) - parameters(400)) / 4;
    assert.ok(perParameter > lanes + 3 && perParameter < lanes + 5, String(perParameter));
  });

  // Peaks of VmHWM, two threads, on Linux: what these configs were seen to take.
  it('is near what runs were measured to take', () => {
    const tiny = config({
      policy: { width: 8 },
      warmStart: { steps: 5, batchSize: 4 },
      rollout: { promptsPerStep: 2, groupSize: 2, maxResponseTokens: 40 },
    });
    const wide = config({ policy: { width: 256 }, rollout: { promptsPerStep: 16 }, warmStart: { steps: 10 } });
    const measured = [
      [tiny, 93],
      [figure1, 157],
      [transformer, 142],
      [wide, 569],
    ] as const;
    for (const [run, peak] of measured) {
      const ratio = memoryNeed(run, 'auto', 2).process / mib / peak;
      assert.ok(ratio > 0.5 && ratio < 2, `${ratio} of ${peak} MiB`);
    }
  });

  it('grows with what is sampled at once: prompts × group, or the demonstrations of the warm start', () => {
    assert.equal(sequencesOf(config({ rollout: { promptsPerStep: 5, groupSize: 7 }, warmStart: { batchSize: 3 } })), 35);
    assert.equal(sequencesOf(config({ warmStart: { batchSize: 100 } })), 100);
    assert.equal(sequencesOf(config({ warmStart: { batchSize: 100, steps: 0 } })), 32);
  });

  it('is not that of one WASM memory for other engines', () => {
    const { engine, process } = memoryNeed(figure1, 'tfjs-cpu', 2);
    assert.equal(engine, 0);
    assert.ok(process > 100 * mib);
  });
});

describe('the sizes of a task', () => {
  it('are those of the task itself', () => {
    const { task, warmStart } = figure1;
    const ledger = createTask({ task, warmStart });
    assert.equal(taskSizes.ledger.vocabulary, ledger.vocabulary.length);
    for (let seed = 0; seed < 50; seed++) {
      assert.ok(ledger.samplePrompt(new Random(seed)).tokens.length <= taskSizes.ledger.maxPromptTokens);
    }
  });
});
