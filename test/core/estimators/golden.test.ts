import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { advantageRows, parseAdvantagesRequest } from '../../../src/core/estimators/advantagesRequest.ts';
import { trajectoryEnergies } from '../../../src/core/estimators/energy.ts';
import type { EstimatorName } from '../../../src/core/estimators/estimator.ts';
import { estimators } from '../../../src/core/estimators/registry.ts';
import { advantagesOf, distance, inFloat32, methodOf, readData, sketch, verlCases } from './batches.ts';

describe('advantages agree with verl to 1e-6', () => {
  for (const { name, rollouts, advantages, realized_energy } of verlCases) {
    for (const [label, expected] of Object.entries(advantages)) {
      const { estimator, handleZeroTail } = methodOf(label);
      const batch = parseAdvantagesRequest({ ...rollouts, handle_zero_tail: handleZeroTail }, estimator);

      it(`${label} on ${name}`, () => {
        const rows = advantageRows(batch, advantagesOf(estimator, batch));
        assert.equal(rows.length, expected.length);
        rows.forEach((row, at) =>
          assert.ok(distance(row, expected[at]!) <= 1e-6, `row ${at}: ${row.join(' ')} instead of ${expected[at]!.join(' ')}`),
        );
      });

      it(`${label} on ${name}, in float32 as in training`, () => {
        const written = new Float32Array(batch.batch * batch.length).fill(-999);
        estimators[estimator](inFloat32(batch), written);
        assert.ok(distance(written, expected.flat()) <= 2e-6, `off by ${distance(written, expected.flat())}`);
      });
    }

    it(`trajectory energies on ${name}`, () => {
      const batch = parseAdvantagesRequest(rollouts, 'optimal_token_baseline');
      assert.ok(distance(trajectoryEnergies(batch), realized_energy) <= 1e-6);
    });
  }
});

interface LedgerGroup {
  readonly trajs: readonly {
    readonly R: number;
    readonly w: readonly number[];
    readonly tok: readonly number[];
    readonly apos: readonly number[];
  }[];
  readonly adv: Readonly<Record<string, readonly (readonly number[])[]>>;
}

describe('a real multi-turn group has the advantages that an independent trainer computed for it', () => {
  const { trajs, adv } = readData('ledger-group.json') as LedgerGroup;
  const methods: readonly (readonly [theirs: string, ours: EstimatorName, handleZeroTail: boolean])[] = [
    ['none', 'reinforce', true],
    ['mean', 'dr_grpo', true],
    ['grpo', 'grpo', true],
    ['rloo', 'rloo', true],
    ['opolen', 'opo', true],
    ['opo', 'optimal_trajectory_baseline', true],
    ['otb', 'tir_optimal_token_baseline', false],
    ['otbz', 'tir_optimal_token_baseline', true],
  ];
  for (const [theirs, ours, handleZeroTail] of methods) {
    it(`${ours}${handleZeroTail ? '' : ' without the zero tail'}`, () => {
      const batch = sketch(
        trajs.map(({ R, w, tok, apos }) => {
          const mask = tok.map(() => 0);
          const energies = tok.map(() => 0);
          apos.forEach((position, action) => {
            mask[position] = 1;
            energies[position] = w[action]!;
          });
          return { group: 0, mask, energies, rewards: tok.map((_, t) => (t === apos.at(-1) ? R : 0)) };
        }),
        handleZeroTail,
      );
      const advantages = advantagesOf(ours, batch);
      trajs.forEach(({ apos }, row) => {
        const actual = apos.map((position) => advantages[row * batch.length + position]!);
        // The file has six digits.
        assert.ok(distance(actual, adv[theirs]![row]!) <= 3e-6, `response ${row}: off by ${distance(actual, adv[theirs]![row]!)}`);
      });
    });
  }
});
