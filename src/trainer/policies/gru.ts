import { gruSize } from '../../core/memory/policySize.ts';
import type { Kernels, PolicyArchitecture, PolicyMemory, PolicyProgram, TensorSpec } from './policyProgram.ts';

export interface GruShape {
  /** Hidden units, a multiple of 4. */
  readonly width: number;
  readonly vocabulary: number;
  /** Truncated back-propagation: no gradient flows from positions that are multiples of this to those before; null: exact. */
  readonly truncateBackpropEvery: number | null;
}

/**
 * Gated recurrent unit (Cho et al., 2014) over one-hot tokens: r = σ(x_r + h·W_r), z = σ(x_z + h·W_z),
 * n = tanh(x_n + r ∘ (h·W_n)), h′ = n + z ∘ (h − n); logits = h′·W_o + b. A rollout keeps states and gates, so that the backward
 * pass needs no second forward pass.
 */
export function gruPolicy({ width: H, vocabulary: V, truncateBackpropEvery }: GruShape): PolicyArchitecture {
  const size = gruSize(H, V);
  return {
    ...size,
    tensors: size.tensors.map((tensor) => ({ ...tensor, initialize: initializer(tensor.name, H) })),
    bind: (kernels, memory) => bindGru(kernels, memory, H, V, truncateBackpropEvery ?? 0),
  };
}

/** Update gates start open for memory (+1), and token rows start apart from each other (± 0.5 more than the rest). */
function initializer(name: string, H: number): TensorSpec['initialize'] {
  const spread = 1 / Math.sqrt(H);
  switch (name) {
    case 'input.weight':
      return (values, random) => {
        for (let i = 0; i < values.length; i++) {
          const isUpdateGate = Math.floor((i % (3 * H)) / H) === 1;
          values[i] = (random.uniform() * 2 - 1) * spread + (random.uniform() * 2 - 1) * 0.5 + (isUpdateGate ? 1 : 0);
        }
      };
    case 'output.bias':
      return () => undefined;
    default:
      return (values, random) => values.forEach((_, i) => (values[i] = (random.uniform() * 2 - 1) * spread));
  }
}

function bindGru(kernels: Kernels, memory: PolicyMemory, H: number, V: number, cut: number): PolicyProgram {
  const { gruStep, gruLogits, gruBackward, addOuterProducts, transposeMatrix } = kernels;
  if (!gruStep || !gruLogits || !gruBackward || !addOuterProducts || !transposeMatrix)
    throw new Error('The WASM kernels of the gru policy are missing.');
  const row = 4 * H;
  const input = memory.parameter('input.weight');
  const recurrent = memory.parameter('recurrent.weight');
  const output = memory.parameter('output.weight');
  const bias = memory.parameter('output.bias');
  const recurrentT = memory.derived;
  const outputT = recurrentT + 12 * H * H;
  const dState = memory.scratch;
  const dGates = dState + row;
  const tokens = new Int32Array(memory.buffer);
  const bytes = new Uint8Array(memory.buffer);

  // A slot holds the states [(maxTokens + 1) × H], the first one zero, then the gates [maxTokens × 4H].
  const gatesOf = (slot: number): number => slot + (memory.maxTokens + 1) * row;
  function feed(sequence: number, position: number, wanted: boolean): void {
    const slot = memory.slot(sequence);
    if (position === 0) bytes.fill(0, slot, slot + row);
    const token = tokens[(memory.tokens(sequence) >>> 2) + position] ?? 0;
    const next = slot + (position + 1) * row;
    gruStep!(next, gatesOf(slot) + position * 4 * row, slot + position * row, input + token * 3 * row, recurrent, H);
    if (wanted) gruLogits!(memory.logits(sequence) + position * 4 * V, next, output, bias, H, V);
  }

  return {
    prepare() {
      for (let gate = 0; gate < 3; gate++) transposeMatrix(recurrentT + 4 * gate * H * H, recurrent + 4 * gate * H * H, H, H);
      transposeMatrix(outputT, output, H, V);
    },
    step(count, sequences, positions, wanted) {
      for (let i = 0; i < count; i++) feed(sequences[i]!, positions[i]!, wanted[i] === 1);
    },
    forward(sequence, length) {
      for (let position = 0; position < length; position++) feed(sequence, position, true);
    },
    backward(sequence, length, gradient) {
      const slot = memory.slot(sequence);
      const into = (name: string): number => gradient + memory.gradientOffset(name);
      gruBackward(
        dGates,
        memory.logits(sequence),
        slot,
        gatesOf(slot),
        memory.tokens(sequence),
        recurrentT,
        outputT,
        into('input.weight'),
        into('output.weight'),
        into('output.bias'),
        dState,
        length,
        H,
        V,
        cut,
      );
      for (let gate = 0; gate < 3; gate++) {
        addOuterProducts(into('recurrent.weight') + 4 * gate * H * H, slot, dGates + gate * row, length, H, H, H, 4 * H);
      }
    },
  };
}
