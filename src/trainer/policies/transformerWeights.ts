import type { PolicyMemory } from './policyProgram.ts';
import { panelBytes, roundUp, type TransformerShape } from '../../core/memory/transformerLayout.ts';

/** y = x · weight + bias. The kernels read the weight from panels, which `prepare` packs. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** Addresses; `bias` is 0 where there is none. */
  readonly weight: number;
  readonly bias: number;
  /** The weight as right operand: panels [outputs / 8][inputs][8]. */
  readonly panels: number;
  /** Its transpose: panels [inputs / 8][outputs][8]. */
  readonly transposedPanels: number;
  /** Byte offsets in a gradient buffer. */
  readonly dWeight: number;
  readonly dBias: number;
}

export interface Norm {
  readonly weight: number;
  readonly bias: number;
  readonly dWeight: number;
  readonly dBias: number;
}

export interface LayerWeights {
  readonly norm1: Norm;
  readonly qkv: Linear;
  readonly output: Linear;
  readonly norm2: Norm;
  readonly up: Linear;
  readonly down: Linear;
}

export interface TransformerWeights {
  /** Addresses of the embeddings, and byte offsets of their gradients. */
  readonly token: number;
  readonly position: number;
  readonly dToken: number;
  readonly dPosition: number;
  readonly layers: readonly LayerWeights[];
  readonly norm: Norm;
  readonly head: Linear;
  readonly linears: readonly Linear[];
}

/** Finds the tensors in memory, and places the packed weights one behind the other. */
export function bindWeights({ width, layers, vocabulary }: TransformerShape, memory: PolicyMemory): TransformerWeights {
  let nextPanels = memory.derived;
  const linears: Linear[] = [];
  const linear = (name: string, inputs: number, outputs: number, hasBias = true): Linear => {
    const panels = nextPanels;
    nextPanels += panelBytes(inputs, outputs);
    const bound = {
      inputs,
      outputs,
      weight: memory.parameter(`${name}.weight`),
      bias: hasBias ? memory.parameter(`${name}.bias`) : 0,
      panels,
      transposedPanels: panels + 4 * inputs * roundUp(outputs, 8),
      dWeight: memory.gradientOffset(`${name}.weight`),
      dBias: hasBias ? memory.gradientOffset(`${name}.bias`) : 0,
    };
    linears.push(bound);
    return bound;
  };
  const norm = (name: string): Norm => ({
    weight: memory.parameter(`${name}.weight`),
    bias: memory.parameter(`${name}.bias`),
    dWeight: memory.gradientOffset(`${name}.weight`),
    dBias: memory.gradientOffset(`${name}.bias`),
  });
  const layer = (_: unknown, i: number): LayerWeights => ({
    norm1: norm(`layers.${i}.norm1`),
    qkv: linear(`layers.${i}.attention.qkv`, width, 3 * width),
    output: linear(`layers.${i}.attention.output`, width, width),
    norm2: norm(`layers.${i}.norm2`),
    up: linear(`layers.${i}.mlp.up`, width, 4 * width),
    down: linear(`layers.${i}.mlp.down`, 4 * width, width),
  });
  return {
    token: memory.parameter('token.weight'),
    position: memory.parameter('position.weight'),
    dToken: memory.gradientOffset('token.weight'),
    dPosition: memory.gradientOffset('position.weight'),
    layers: Array.from({ length: layers }, layer),
    norm: norm('norm'),
    head: linear('head', width, vocabulary, false),
    linears,
  };
}
