import { transformerSize } from '../../core/memory/policySize.ts';
import type { TransformerShape } from '../../core/memory/transformerLayout.ts';
import type { Random } from '../../core/random.ts';
import type { PolicyArchitecture, TensorSpec } from './policyProgram.ts';
import { TransformerBackward } from './transformerBackward.ts';
import { TransformerForward } from './transformerForward.ts';
import { transformerKernels } from './transformerKernels.ts';
import { bindWeights } from './transformerWeights.ts';

/**
 * Decoder-only transformer as in GPT-2 (Radford et al., 2019): learned token and position embeddings, pre-LayerNorm blocks of causal
 * attention and a GELU (tanh) MLP of 4 × width, a final LayerNorm and an untied output head. Decoding a token keeps in its sequence's
 * slot all that its gradient needs, so that the backward pass runs right after the rollout.
 *
 * Throws RangeError when the width is not a multiple of 4 × heads or the vocabulary not one of 4.
 */
export function transformerPolicy(shape: TransformerShape): PolicyArchitecture {
  const { width, heads, vocabulary } = shape;
  if (width % (4 * heads) !== 0)
    throw new RangeError(`A transformer's width must be a multiple of 4 × heads; ${width} is not one of ${4 * heads}.`);
  if (vocabulary % 4 !== 0) throw new RangeError(`The vocabulary must be padded to a multiple of 4; ${vocabulary} is not one.`);
  const size = transformerSize(shape);
  return {
    ...size,
    tensors: size.tensors.map((tensor) => ({ ...tensor, initialize: initializer(tensor.name, shape) })),
    bind(exports, memory) {
      if (memory.maxTokens > shape.maxTokens)
        throw new RangeError(`This transformer has ${shape.maxTokens} positions, fewer than ${memory.maxTokens}.`);
      const kernels = transformerKernels(exports);
      const weights = bindWeights(shape, memory);
      const forward = new TransformerForward(shape, kernels, memory, weights);
      const backward = new TransformerBackward(shape, kernels, memory, weights);
      return {
        prepare() {
          for (const { weight, inputs, outputs, panels, transposedPanels } of weights.linears) {
            kernels.packPanels(panels, weight, outputs, inputs, outputs);
            kernels.packTransposedPanels(transposedPanels, weight, outputs, inputs, outputs);
          }
        },
        step: (count, sequences, positions, wanted) => forward.step(count, sequences, positions, wanted),
        forward: (sequence, length) => forward.forward(sequence, length),
        backward: (sequence, length, gradient) => backward.backward(sequence, length, gradient),
      };
    },
  };
}

/**
 * GPT-2's initial values: normal, its 0.02 at width 768 scaled with 1/√width; projections into the residual stream are smaller by
 * 1/√(number of them), so that the stream's variance does not grow with depth.
 */
function initializer(name: string, { width, layers }: TransformerShape): TensorSpec['initialize'] {
  if (name.endsWith('.bias')) return () => undefined;
  if (/(?:^|\.)norm\d?\.weight$/.test(name)) return (values) => void values.fill(1);
  const isResidual = /\.(?:attention\.output|mlp\.down)\.weight$/.test(name);
  const deviation = (0.02 * Math.sqrt(768 / width)) / (isResidual ? Math.sqrt(2 * layers) : 1);
  return (values, random) => values.forEach((_, i) => (values[i] = deviation * normal(random)));
}

/** A standard normal number (Box and Muller, 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
}
