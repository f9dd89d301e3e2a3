import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { PolicyConfig } from '../../../src/core/config/config.ts';
import type { WasmEngine } from '../../../src/trainer/engines/wasm/engine.ts';
import { engineFor, ledgerConfig, demonstrator } from '../engines/wasm/tinyEngine.ts';
import { ledgerTask } from '../../../src/trainer/tasks/ledger.ts';
import { finiteDifferences, gruLogits, inFloat64, logProbability } from './gruReference.ts';

const width = 8;
const temperature = 0.8;
const promptLength = 4;
const sequence = [20, 3, 10, 4, 14, 3, 10, 4, 15, 16, 7, 12, 5, 18, 2, 19];
const isAction = [true, true, true, true, true, false, false, false, false, true, true, true];
const given = { tokens: sequence, promptLength, isAction };

async function engineWith(policy: PolicyConfig): Promise<WasmEngine> {
  const engine = await engineFor(ledgerTask(ledgerConfig, demonstrator), policy, 2, 40);
  after(() => engine.dispose());
  return engine;
}

describe('gru policy', () => {
  it('gives the log-probabilities of a float64 reference', async () => {
    const engine = await engineWith({ kind: 'gru', width, truncateBackpropEvery: null });
    const batch = await engine.forward([given], temperature);
    const logits = gruLogits(inFloat64(engine.readParameters()), width, batch.vocabulary, sequence);
    isAction.forEach((action, i) => {
      const position = promptLength - 1 + i;
      if (!action) return assert.equal(batch.isAction[position], 0);
      const expected = logProbability(logits, position, batch.vocabulary, sequence[position + 1]!, temperature);
      assert.ok(
        Math.abs(batch.logProbs[position]! - expected) < 1e-5,
        `position ${position}: ${batch.logProbs[position]} against ${expected}`,
      );
    });
  });

  it('has the gradient that central finite differences in float64 give, in every tensor', async () => {
    const engine = await engineWith({ kind: 'gru', width, truncateBackpropEvery: null });
    const batch = await engine.forward([given], temperature);
    const weights = Float32Array.from(batch.isAction, (action, position) => (action === 1 ? Math.sin(position) : 0));
    const norm = await engine.backward(weights);
    const parameters = inFloat64(engine.readParameters());
    const loss = (): number => {
      const logits = gruLogits(parameters, width, batch.vocabulary, sequence);
      return weights.reduce(
        (sum, weight, p) =>
          weight === 0 ? sum : sum - weight * logProbability(logits, p, batch.vocabulary, sequence[p + 1]!, temperature),
        0,
      );
    };
    let squares = 0;
    for (const [name, { values }] of engine.readGradient()) {
      const expected = finiteDifferences(parameters.get(name)!, loss);
      const scale = Math.max(...expected.map(Math.abs));
      assert.ok(scale > 0, `${name} has no gradient to compare`);
      expected.forEach((value, i) => {
        squares += value * value;
        assert.ok(Math.abs(values[i]! - value) < 1e-5 * scale + 1e-7, `${name}[${i}]: ${values[i]} against ${value}`);
      });
    }
    assert.ok(Math.abs(norm / Math.sqrt(squares) - 1) < 1e-5, `norm ${norm} against ${Math.sqrt(squares)}`);
  });

  it('lets no gradient through where back-propagation is cut', async () => {
    const exact = await engineWith({ kind: 'gru', width, truncateBackpropEvery: null });
    const cut = await engineWith({ kind: 'gru', width, truncateBackpropEvery: 12 });
    const gradients = [];
    for (const engine of [exact, cut]) {
      const batch = await engine.forward([given], 1);
      // Only the last token counts; it stands behind the cut at position 12.
      await engine.backward(Float32Array.from(batch.isAction, (_, position) => (position === sequence.length - 2 ? 1 : 0)));
      gradients.push(engine.readGradient().get('input.weight')!.values);
    }
    const promptRow = (values: Float32Array): Float32Array => values.subarray(20 * 3 * width, 21 * 3 * width);
    assert.ok(promptRow(gradients[0]!).some((value) => value !== 0));
    assert.ok(promptRow(gradients[1]!).every((value) => value === 0));
  });
});
