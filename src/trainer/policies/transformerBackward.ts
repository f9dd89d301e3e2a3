import type { PolicyMemory } from './policyProgram.ts';
import type { TransformerKernels } from './transformerKernels.ts';
import {
  backwardScratch,
  blockRows,
  roundUp,
  slotLayout,
  type BackwardScratch,
  type LayerSlot,
  type NormSlot,
  type SlotLayout,
  type TransformerShape,
} from '../../core/memory/transformerLayout.ts';
import type { LayerWeights, Linear, Norm, TransformerWeights } from './transformerWeights.ts';

/** A sequence's positions that take part, ascending: int32 [count] at `at`. Row i of a gradient belongs to the i-th of them. */
interface Rows {
  readonly at: number;
  readonly count: number;
}

/** Where one backward pass reads what was kept, and where it adds gradients: addresses. */
interface Pass {
  readonly slot: number;
  readonly gradient: number;
}

/**
 * Back-propagates one sequence from its slot. Above the keys and values of the last layer only the positions whose logits have a
 * gradient take part; the others (prompt, tool output) may not even have been computed there.
 */
export class TransformerBackward {
  private readonly slot: SlotLayout;
  private readonly scratch: BackwardScratch;
  private readonly ints: Int32Array;
  private readonly floats: Float32Array;
  private readonly block = { at: 0, count: 0 };

  constructor(
    private readonly shape: TransformerShape,
    private readonly kernels: TransformerKernels,
    private readonly memory: PolicyMemory,
    private readonly weights: TransformerWeights,
  ) {
    this.slot = slotLayout(shape, memory.maxTokens);
    this.scratch = backwardScratch(shape, memory.maxTokens, memory.scratch);
    this.ints = new Int32Array(memory.buffer);
    this.floats = new Float32Array(memory.buffer);
  }

  backward(sequence: number, length: number, gradient: number): void {
    const { kernels, memory, weights, scratch } = this;
    const { width, vocabulary } = this.shape;
    const dLogits = memory.logits(sequence);
    const active: Rows = { at: scratch.active, count: kernels.nonzeroRows(scratch.active, dLogits, length, vocabulary) };
    if (active.count === 0) return;
    const all: Rows = { at: scratch.all, count: this.ints[scratch.active / 4 + active.count - 1]! + 1 };
    for (let i = 0; i < all.count; i++) this.ints[scratch.all / 4 + i] = i;

    const pass: Pass = { slot: memory.slot(sequence), gradient };
    this.headBackward(pass, active, dLogits);
    let rows = active;
    let dx = scratch.dActive;
    for (let i = weights.layers.length - 1; i >= 0; i--) {
      const layer = weights.layers[i]!;
      const kept = this.slot.layers[i]!;
      this.mlpBackward(pass, rows, dx, layer, kept);
      this.attentionBackward(pass, rows, all.count, dx, layer, kept);
      if (rows === active) {
        this.zero(scratch.dAll, all.count * width);
        kernels.scatterRows(scratch.dAll, dx, active.at, active.count, width);
        rows = all;
        dx = scratch.dAll;
      }
      this.qkvBackward(pass, all, dx, layer, kept);
    }
    kernels.embeddingBackward(dx, memory.tokens(sequence), gradient + weights.dToken, gradient + weights.dPosition, all.count, width);
  }

  /** From the gradient of the logits to that of the residual stream at the active positions. */
  private headBackward(pass: Pass, active: Rows, dLogits: number): void {
    const { kernels, scratch, weights } = this;
    const { width, vocabulary } = this.shape;
    this.zero(scratch.dActive, active.count * width);
    for (let first = 0; first < active.count; first += blockRows) {
      const block = this.blockOf(active, first);
      kernels.gatherRows(scratch.dWide, dLogits, block.at, block.count, vocabulary);
      this.normalizedInputs(pass, block, weights.norm, this.slot.norm);
      this.weightGradient(pass, weights.head, scratch.inputs, scratch.dWide, block.count);
      this.inputGradient(scratch.dNarrow, weights.head, scratch.dWide, block.count);
      this.normBackward(pass, block, scratch.dActive + 4 * first * width, weights.norm, this.slot.norm);
    }
  }

  private mlpBackward(pass: Pass, rows: Rows, dx: number, { norm2, up, down }: LayerWeights, kept: LayerSlot): void {
    const { kernels, scratch } = this;
    for (let first = 0; first < rows.count; first += blockRows) {
      const block = this.blockOf(rows, first);
      const d = dx + 4 * first * this.shape.width;
      this.inputGradient(scratch.dWide, down, d, block.count);
      kernels.geluBackward(scratch.inputs, scratch.dWide, pass.slot + kept.up, block.at, block.count, up.outputs);
      this.weightGradient(pass, down, scratch.inputs, d, block.count);
      this.normalizedInputs(pass, block, norm2, kept.norm2);
      this.weightGradient(pass, up, scratch.inputs, scratch.dWide, block.count);
      this.inputGradient(scratch.dNarrow, up, scratch.dWide, block.count);
      this.normBackward(pass, block, d, norm2, kept.norm2);
    }
  }

  /** From dx to the gradient of queries (those of `rows`), keys and values (those of all `length` positions), in dQkv. */
  private attentionBackward(pass: Pass, rows: Rows, length: number, dx: number, { output }: LayerWeights, kept: LayerSlot): void {
    const { kernels, scratch, slot } = this;
    const { width, heads } = this.shape;
    for (let first = 0; first < rows.count; first += blockRows) {
      const block = this.blockOf(rows, first);
      const d = dx + 4 * first * width;
      kernels.gatherRows(scratch.inputs, pass.slot + kept.attended, block.at, block.count, width);
      this.weightGradient(pass, output, scratch.inputs, d, block.count);
      this.inputGradient(scratch.dAttended + 4 * first * width, output, d, block.count);
    }
    this.zero(scratch.dQkv, roundUp(length, 4) * 3 * width);
    kernels.attentionBackward(
      scratch.dQkv,
      scratch.dAttended,
      pass.slot + kept.attended,
      pass.slot + kept.heads,
      pass.slot + kept.logSums,
      rows.at,
      scratch.attention,
      rows.count,
      heads,
      width / heads,
      slot.tokens,
    );
  }

  private qkvBackward(pass: Pass, all: Rows, dx: number, { norm1, qkv }: LayerWeights, kept: LayerSlot): void {
    const { scratch } = this;
    const { width } = this.shape;
    for (let first = 0; first < all.count; first += blockRows) {
      const block = this.blockOf(all, first);
      const dQkv = scratch.dQkv + 4 * first * qkv.outputs;
      this.normalizedInputs(pass, block, norm1, kept.norm1);
      this.weightGradient(pass, qkv, scratch.inputs, dQkv, block.count);
      this.inputGradient(scratch.dNarrow, qkv, dQkv, block.count);
      this.normBackward(pass, block, dx + 4 * first * width, norm1, kept.norm1);
    }
  }

  /** The rows from `first` on that are taken at once; valid until the next call. */
  private blockOf(rows: Rows, first: number): Rows {
    this.block.at = rows.at + 4 * first;
    this.block.count = Math.min(blockRows, rows.count - first);
    return this.block;
  }

  /** inputs[count × width] = the output of a LayerNorm, from what it kept. */
  private normalizedInputs(pass: Pass, rows: Rows, norm: Norm, kept: NormSlot): void {
    this.kernels.affineRows(
      this.scratch.inputs,
      pass.slot + kept.normalized,
      rows.at,
      norm.weight,
      norm.bias,
      rows.count,
      this.shape.width,
    );
  }

  /** Adds inputsᵀ · d to the gradient of a map's weight and Σ d to that of its bias; d: [count × outputs], count ≤ blockRows. */
  private weightGradient({ gradient }: Pass, map: Linear, inputs: number, d: number, count: number): void {
    const { kernels } = this;
    const { panels } = this.scratch;
    kernels.packPanels(panels, d, map.outputs, count, map.outputs);
    kernels.multiply(
      gradient + map.dWeight,
      map.outputs,
      inputs,
      4,
      4 * map.inputs,
      panels,
      8 * count,
      0,
      map.inputs,
      map.outputs,
      count,
      1,
    );
    if (map.bias !== 0) kernels.addPanelSums(gradient + map.dBias, panels, map.outputs, count);
  }

  /** out[count × inputs] = d · weightᵀ; d: [count × outputs], count ≤ blockRows. */
  private inputGradient(out: number, map: Linear, d: number, count: number): void {
    this.kernels.multiply(
      out,
      map.inputs,
      d,
      4 * map.outputs,
      4,
      map.transposedPanels,
      8 * map.outputs,
      0,
      count,
      map.inputs,
      map.outputs,
      0,
    );
  }

  /** Adds to dx what flows through a LayerNorm from dNarrow. */
  private normBackward({ slot, gradient }: Pass, rows: Rows, dx: number, norm: Norm, kept: NormSlot): void {
    this.kernels.layerNormBackward(
      dx,
      this.scratch.dNarrow,
      slot + kept.normalized,
      slot + kept.inverseDeviation,
      rows.at,
      norm.weight,
      gradient + norm.dWeight,
      gradient + norm.dBias,
      rows.count,
      this.shape.width,
    );
  }

  private zero(address: number, count: number): void {
    this.floats.fill(0, address / 4, address / 4 + count);
  }
}
