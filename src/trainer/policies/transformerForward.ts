import type { PolicyMemory } from './policyProgram.ts';
import type { TransformerKernels } from './transformerKernels.ts';
import {
  forwardRows,
  slotLayout,
  stepScratch,
  type NormSlot,
  type SlotLayout,
  type StepScratch,
  type TransformerShape,
} from '../../core/memory/transformerLayout.ts';
import type { Linear, Norm, TransformerWeights } from './transformerWeights.ts';

/**
 * Feeds tokens, any number of (sequence, position) rows at a time, and keeps in each sequence's slot what its backward pass needs. A
 * row is computed by the same operations in the same order whatever rows are beside it.
 */
export class TransformerForward {
  private readonly slot: SlotLayout;
  private readonly scratchOf = new Map<number, StepScratch>();
  private readonly ints: Int32Array;
  private readonly floats: Float32Array;
  private readonly sequences = new Int32Array(forwardRows);
  private readonly positions = new Int32Array(forwardRows);
  private readonly wanted = new Uint8Array(forwardRows).fill(1);

  constructor(
    private readonly shape: TransformerShape,
    private readonly kernels: TransformerKernels,
    private readonly memory: PolicyMemory,
    private readonly weights: TransformerWeights,
  ) {
    this.slot = slotLayout(shape, memory.maxTokens);
    this.ints = new Int32Array(memory.buffer);
    this.floats = new Float32Array(memory.buffer);
  }

  /** Positions 0 … length − 1 of one sequence, with logits at all of them. */
  forward(sequence: number, length: number): void {
    this.sequences.fill(sequence);
    for (let first = 0; first < length; first += forwardRows) {
      const count = Math.min(forwardRows, length - first);
      for (let i = 0; i < count; i++) this.positions[i] = first + i;
      this.step(count, this.sequences, this.positions, this.wanted);
    }
  }

  /** Rows of the same sequence stand in the order of their positions. */
  step(count: number, sequences: Int32Array, positions: Int32Array, wanted: Uint8Array): void {
    const { kernels, weights, slot } = this;
    const { width, heads } = this.shape;
    const scratch = this.scratch(count);
    const { slots, x, narrow, wide } = scratch;
    this.writeRows(scratch, count, sequences, positions);
    kernels.embedRows(x, scratch.tokens, scratch.positions, weights.token, weights.position, count, width);
    let rows = count;
    for (let i = 0; i < weights.layers.length; i++) {
      const layer = weights.layers[i]!;
      const kept = slot.layers[i]!;
      this.normalize(scratch, rows, layer.norm1, kept.norm1);
      this.linear(wide, narrow, rows, layer.qkv, false);
      kernels.splitHeads(wide, slots, scratch.positions, kept.heads, rows, heads, width / heads, slot.tokens);
      // Later positions need keys and values of every row, but nothing needs the rest of the last layer where no logits are wanted.
      if (i === weights.layers.length - 1) rows = this.keepWanted(scratch, count, wanted);
      if (rows === 0) return;
      kernels.attendRows(
        narrow,
        slots,
        scratch.positions,
        kept.heads,
        kept.attended,
        kept.logSums,
        scratch.scores,
        rows,
        heads,
        width / heads,
        slot.tokens,
      );
      this.linear(x, narrow, rows, layer.output, true);
      this.normalize(scratch, rows, layer.norm2, kept.norm2);
      this.linear(wide, narrow, rows, layer.up, false);
      kernels.geluRows(wide, slots, scratch.positions, kept.up, rows, layer.up.outputs);
      this.linear(x, wide, rows, layer.down, true);
    }
    this.normalize(scratch, rows, weights.norm, slot.norm);
    this.linear(wide, narrow, rows, weights.head, false);
    kernels.putRows(scratch.logits, wide, rows, weights.head.outputs);
  }

  private scratch(count: number): StepScratch {
    let scratch = this.scratchOf.get(count);
    if (scratch === undefined) {
      scratch = stepScratch(this.shape, this.memory.maxTokens, count, this.memory.scratch);
      this.scratchOf.set(count, scratch);
    }
    return scratch;
  }

  private writeRows(scratch: StepScratch, count: number, sequences: Int32Array, positions: Int32Array): void {
    const { ints, memory } = this;
    for (let i = 0; i < count; i++) {
      const sequence = sequences[i]!;
      const position = positions[i]!;
      ints[scratch.slots / 4 + i] = memory.slot(sequence);
      ints[scratch.positions / 4 + i] = position;
      ints[scratch.tokens / 4 + i] = ints[memory.tokens(sequence) / 4 + position]!;
      ints[scratch.logits / 4 + i] = memory.logits(sequence) + 4 * position * this.shape.vocabulary;
    }
  }

  /** Moves the wanted rows to the front, in order, and returns their number. */
  private keepWanted(scratch: StepScratch, count: number, wanted: Uint8Array): number {
    const { ints, floats } = this;
    const { width } = this.shape;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      if (wanted[i] !== 1) continue;
      if (kept < i) {
        for (const table of [scratch.slots, scratch.positions, scratch.logits]) ints[table / 4 + kept] = ints[table / 4 + i]!;
        floats.copyWithin(scratch.x / 4 + kept * width, scratch.x / 4 + i * width, scratch.x / 4 + (i + 1) * width);
      }
      kept++;
    }
    return kept;
  }

  private normalize({ narrow, x, slots, positions }: StepScratch, rows: number, norm: Norm, kept: NormSlot): void {
    this.kernels.normalizeRows(
      narrow,
      x,
      slots,
      positions,
      kept.normalized,
      kept.inverseDeviation,
      norm.weight,
      norm.bias,
      rows,
      this.shape.width,
    );
  }

  /** out[rows × outputs] = input[rows × inputs] · weight + bias; `accumulate` adds it to out. */
  private linear(out: number, input: number, rows: number, map: Linear, accumulate: boolean): void {
    const { inputs, outputs, panels, bias } = map;
    this.kernels.multiply(out, outputs, input, 4 * inputs, 4, panels, 8 * inputs, bias, rows, outputs, inputs, accumulate ? 1 : 0);
  }
}
