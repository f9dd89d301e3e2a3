import type { Kernels } from './policyProgram.ts';

/** The kernels of the transformer; src/trainer/engines/wasm/kernels says what each does. */
const names = [
  'multiply',
  'packPanels',
  'packTransposedPanels',
  'addPanelSums',
  'normalizeRows',
  'affineRows',
  'layerNormBackward',
  'geluRows',
  'geluBackward',
  'embedRows',
  'embeddingBackward',
  'gatherRows',
  'scatterRows',
  'putRows',
  'nonzeroRows',
  'splitHeads',
  'attendRows',
  'attentionBackward',
] as const;

export type TransformerKernels = Readonly<Record<(typeof names)[number], (...args: number[]) => number>>;

/** Throws when a kernel is missing, which means that the WASM module is older than this program. */
export function transformerKernels(kernels: Kernels): TransformerKernels {
  const isComplete = (found: Kernels): found is Kernels & TransformerKernels => names.every((name) => found[name] !== undefined);
  if (!isComplete(kernels))
    throw new Error(`The WASM kernels lack ${names.filter((name) => kernels[name] === undefined).join(', ')}; build them again.`);
  return kernels;
}
