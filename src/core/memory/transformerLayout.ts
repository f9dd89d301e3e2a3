/** Size of a decoder-only transformer. */
export interface TransformerShape {
  /** Model width, a multiple of 4 × heads. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** A multiple of 4. */
  readonly vocabulary: number;
  /** Longest sequence: rows of the position embedding. */
  readonly maxTokens: number;
}

/** What backward needs of a LayerNorm, as byte offsets: x̂ [tokens × width] and 1/σ [tokens]. */
export interface NormSlot {
  readonly normalized: number;
  readonly inverseDeviation: number;
}

export interface LayerSlot {
  readonly norm1: NormSlot;
  /** Queries, keys and values, 3 × [heads][tokens][width / heads]; the kernel `splitHeads` says how. Keys and values are the decoder's cache. */
  readonly heads: number;
  /** log Σ exp of the attention scores: [heads × tokens]. */
  readonly logSums: number;
  /** Output of the attention heads: [tokens × width]. */
  readonly attended: number;
  readonly norm2: NormSlot;
  /** The MLP's units before GELU: [tokens × 4 · width]. */
  readonly up: number;
}

/** Byte offsets in the slot of a sequence: all that its forward pass keeps for its backward pass. */
export interface SlotLayout {
  /** Rows of the arrays: the most tokens of a sequence, rounded up to the kernels' tiles. */
  readonly tokens: number;
  readonly layers: readonly LayerSlot[];
  readonly norm: NormSlot;
  readonly bytes: number;
}

/** Hands out memory from an address on, in pieces that start at multiples of 64. */
class Arena {
  constructor(private next: number) {}

  /** Room for so many 4-byte values. */
  take(values: number): number {
    const address = this.next;
    this.next += roundUp(4 * values, 64);
    return address;
  }

  get end(): number {
    return this.next;
  }
}

export function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

export function slotLayout({ width, layers, heads }: TransformerShape, maxTokens: number): SlotLayout {
  const tokens = roundUp(maxTokens, 16);
  const arena = new Arena(0);
  const norm = (): NormSlot => ({ normalized: arena.take(tokens * width), inverseDeviation: arena.take(tokens) });
  const layer = (): LayerSlot => ({
    norm1: norm(),
    heads: arena.take(3 * tokens * width),
    logSums: arena.take(heads * tokens),
    attended: arena.take(tokens * width),
    norm2: norm(),
    up: arena.take(tokens * 4 * width),
  });
  return { tokens, layers: Array.from({ length: layers }, layer), norm: norm(), bytes: arena.end };
}

/** Addresses of the working memory of a step of `rows` sequences; arrays have `rows` rows, rounded up to 4. */
export interface StepScratch {
  /** Per row, 4-byte integers: address of its slot, its position, its token, address of its logits. */
  readonly slots: number;
  readonly positions: number;
  readonly tokens: number;
  readonly logits: number;
  /** The residual stream: [rows × width]. */
  readonly x: number;
  /** [rows × width] */
  readonly narrow: number;
  /** [rows × 4 · width or vocabulary] */
  readonly wide: number;
  /** [tokens] */
  readonly scores: number;
  readonly end: number;
}

export function stepScratch({ width, vocabulary }: TransformerShape, maxTokens: number, rows: number, from: number): StepScratch {
  const capacity = roundUp(rows, 4);
  const arena = new Arena(from);
  return {
    slots: arena.take(capacity),
    positions: arena.take(capacity),
    tokens: arena.take(capacity),
    logits: arena.take(capacity),
    x: arena.take(capacity * width),
    narrow: arena.take(capacity * width),
    wide: arena.take(capacity * Math.max(4 * width, vocabulary)),
    scores: arena.take(roundUp(maxTokens, 16)),
    end: arena.end,
  };
}

/** Positions of one sequence that a forward pass feeds at once. */
export const forwardRows = 32;

/** Rows that the backward pass takes at once where positions do not depend on each other, so that its arrays stay in the cache. */
export const blockRows = 64;

/** Addresses of the working memory of a backward pass; "wide" is 4 · width or the vocabulary. */
export interface BackwardScratch {
  /** Positions with a gradient, and all positions: int32 [tokens]. */
  readonly active: number;
  readonly all: number;
  /** Gradient of the residual stream at the active and at all positions: [tokens × width]. */
  readonly dActive: number;
  readonly dAll: number;
  /** Gradient of the attention heads' output: [tokens × width]. */
  readonly dAttended: number;
  /** [tokens × 3 · width] */
  readonly dQkv: number;
  readonly attention: number;
  /** Of a block: inputs of a linear map [rows × 4 · width], gradients [rows × wide] and [rows × width], operands [rows × wide]. */
  readonly inputs: number;
  readonly dWide: number;
  readonly dNarrow: number;
  readonly panels: number;
  readonly end: number;
}

export function backwardScratch({ width, vocabulary, heads }: TransformerShape, maxTokens: number, from: number): BackwardScratch {
  const tokens = roundUp(maxTokens, 16);
  const wide = Math.max(4 * width, roundUp(vocabulary, 8));
  const arena = new Arena(from);
  return {
    active: arena.take(tokens),
    all: arena.take(tokens),
    dActive: arena.take(tokens * width),
    dAll: arena.take(tokens * width),
    dAttended: arena.take(tokens * width),
    dQkv: arena.take(tokens * 3 * width),
    attention: arena.take(attentionScratch(width / heads, tokens)),
    inputs: arena.take(blockRows * 4 * width),
    dWide: arena.take(blockRows * wide),
    dNarrow: arena.take(blockRows * width),
    panels: arena.take(blockRows * wide),
    end: arena.end,
  };
}

/** Floats of work space of the kernel `attentionBackward`, whose tiles these are; its own `attentionScratchBytes` says the same. */
export function attentionScratch(headWidth: number, tokens: number): number {
  const queries = 32;
  const keys = 64;
  const columns = roundUp(headWidth, 8);
  return tokens * (headWidth + columns) + 2 * 4 * keys + 2 * keys * queries + queries * (2 * headWidth + 2 * columns + 1);
}

/** Bytes of a weight packed as the kernels read it, and of its transpose. */
export function panelBytes(inputs: number, outputs: number): number {
  return 4 * (inputs * roundUp(outputs, 8) + outputs * roundUp(inputs, 8));
}

/** Bytes of the packed weights. */
export function packedBytes({ width, layers, vocabulary }: TransformerShape): number {
  const layer = panelBytes(width, 3 * width) + panelBytes(width, width) + panelBytes(width, 4 * width) + panelBytes(4 * width, width);
  return layers * layer + panelBytes(width, vocabulary);
}
