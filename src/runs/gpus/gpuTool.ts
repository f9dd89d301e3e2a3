import type { Gpu } from '../../core/gpus/gpu.ts';

/** What a GPU tool answers. */
export type ToolAnswer =
  | { readonly kind: 'lists'; readonly gpus: readonly Gpu[] }
  /** `problem`: why it lists none, and what to do; null: it is not installed. */
  | { readonly kind: 'failed'; readonly problem: string | null };

/** A program that comes with the driver of some GPUs and tells what they do. */
export interface GpuTool {
  readonly name: string;
  /** Never rejects. `env`: where it is looked for. */
  readonly ask: (env: NodeJS.ProcessEnv, timeoutMs: number) => Promise<ToolAnswer>;
}

export function lists(gpus: readonly Gpu[]): ToolAnswer {
  return { kind: 'lists', gpus };
}

export function failed(problem: string | null): ToolAnswer {
  return { kind: 'failed', problem };
}
