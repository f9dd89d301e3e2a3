import type { Gpu } from '../../core/gpus/gpu.ts';
import { amdSmi } from './amdSmi.ts';
import type { GpuTool } from './gpuTool.ts';
import { nvidiaSmi } from './nvidiaSmi.ts';
import { rocmSmi } from './rocmSmi.ts';

/** What there is on this machine. */
export type GpuSurvey =
  | { readonly kind: 'found'; readonly tool: string; readonly gpus: readonly Gpu[] }
  /** `problem`: why none is found, and what to do, as a sentence without its first capital and its full stop. */
  | { readonly kind: 'none'; readonly problem: string };

const tools: readonly GpuTool[] = [nvidiaSmi, amdSmi, rocmSmi];

/** A driver that has to wake its GPUs first takes seconds. */
const usualTimeoutMs = 15_000;

const noTool =
  'no GPU tool is on the PATH: nvidia-smi comes with the driver of NVIDIA, amd-smi and rocm-smi with that of AMD (ROCm); install the one for your GPU';

/** The GPUs of this machine and what they do now, by the first tool that lists any. Never rejects. */
export async function findGpus(env: NodeJS.ProcessEnv = process.env, timeoutMs = usualTimeoutMs): Promise<GpuSurvey> {
  let problem: string | undefined;
  for (const tool of tools) {
    const answer = await tool.ask(env, timeoutMs);
    if (answer.kind === 'lists') {
      const gpus = answer.gpus.toSorted((a, b) => a.index - b.index);
      return { kind: 'found', tool: tool.name, gpus };
    }
    problem ??= answer.problem ?? undefined;
  }
  return { kind: 'none', problem: problem ?? noTool };
}
