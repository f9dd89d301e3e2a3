import type { PolicyConfig } from '../config/config.ts';
import { backwardScratch, forwardRows, packedBytes, slotLayout, stepScratch, type TransformerShape } from './transformerLayout.ts';

/** Name and shape of a parameter tensor. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What memory a policy architecture needs. */
export interface PolicySize {
  readonly tensors: readonly TensorShape[];
  /** Bytes for what derives from the parameters; one copy for all threads. */
  readonly derivedBytes: number;
  /** Bytes that one sequence of up to `maxTokens` tokens keeps from its forward pass for its backward pass. */
  slotBytes(maxTokens: number): number;
  /** Bytes of working memory a thread needs to step `rows` sequences at once, or to run one sequence of `maxTokens`. */
  scratchBytes(maxTokens: number, rows: number): number;
}

/** The size of the architecture that a config names. `maxTokens`: longest sequence, prompt included. */
export function policySize(policy: PolicyConfig, vocabulary: number, maxTokens: number): PolicySize {
  return policy.kind === 'gru' ? gruSize(policy.width, vocabulary) : transformerSize({ ...policy, vocabulary, maxTokens });
}

/** H hidden units, V tokens. A slot holds the states [(maxTokens + 1) × H] and the gates [maxTokens × 4H]. */
export function gruSize(H: number, V: number): PolicySize {
  return {
    tensors: [
      { name: 'input.weight', shape: [V, 3 * H] },
      { name: 'recurrent.weight', shape: [3, H, H] },
      { name: 'output.weight', shape: [H, V] },
      { name: 'output.bias', shape: [V] },
    ],
    derivedBytes: 4 * (3 * H * H + V * H),
    slotBytes: (maxTokens) => 4 * ((maxTokens + 1) * H + maxTokens * 4 * H),
    scratchBytes: (maxTokens) => 4 * (H + maxTokens * 4 * H),
  };
}

export function transformerSize(shape: TransformerShape): PolicySize {
  const { width, layers, vocabulary, maxTokens: positions } = shape;
  const linear = (name: string, inputs: number, outputs: number): readonly TensorShape[] => [
    { name: `${name}.weight`, shape: [inputs, outputs] },
    { name: `${name}.bias`, shape: [outputs] },
  ];
  const norm = (name: string): readonly TensorShape[] => ['weight', 'bias'].map((part) => ({ name: `${name}.${part}`, shape: [width] }));
  const layer = (i: number): readonly TensorShape[] => [
    ...norm(`layers.${i}.norm1`),
    ...linear(`layers.${i}.attention.qkv`, width, 3 * width),
    ...linear(`layers.${i}.attention.output`, width, width),
    ...norm(`layers.${i}.norm2`),
    ...linear(`layers.${i}.mlp.up`, width, 4 * width),
    ...linear(`layers.${i}.mlp.down`, 4 * width, width),
  ];
  return {
    tensors: [
      { name: 'token.weight', shape: [vocabulary, width] },
      { name: 'position.weight', shape: [positions, width] },
      ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
      ...norm('norm'),
      { name: 'head.weight', shape: [width, vocabulary] },
    ],
    derivedBytes: packedBytes(shape),
    slotBytes: (maxTokens) => slotLayout(shape, maxTokens).bytes,
    scratchBytes: (maxTokens, rows) =>
      Math.max(stepScratch(shape, maxTokens, Math.max(rows, forwardRows), 0).end, backwardScratch(shape, maxTokens, 0).end),
  };
}
