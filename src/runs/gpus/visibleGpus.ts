import type { Gpu } from '../../core/gpus/gpu.ts';
import { listText } from '../../core/notation.ts';
import { GpuError } from './gpuError.ts';

/** What an environment leaves to whoever is started in it. */
export interface VisibleGpus {
  readonly gpus: readonly Gpu[];
  /** Name of the variable that says so; null: none does, and all are there. */
  readonly by: string | null;
}

/** The one of HIP goes before, and means AMD's GPUs alone. */
const variables = { nvidia: ['CUDA_VISIBLE_DEVICES'], amd: ['HIP_VISIBLE_DEVICES', 'CUDA_VISIBLE_DEVICES'] } as const;

/**
 * The GPUs that an environment leaves, as CUDA reads it: indices, or the first characters of UUIDs, up to the first that there is not;
 * none where the variable is empty. Throws a GpuError where it names parts of GPUs (MIG), which have no index.
 *
 * @param tool that lists the GPUs
 */
export function visibleGpus(gpus: readonly Gpu[], tool: string, env: NodeJS.ProcessEnv): VisibleGpus {
  const by = variables[tool === 'nvidia-smi' ? 'nvidia' : 'amd'].find((name) => env[name] !== undefined);
  const said = by === undefined ? undefined : env[by]?.trim();
  if (by === undefined || said === undefined) return { gpus, by: null };
  const visible: Gpu[] = [];
  for (const entry of said.split(',').map((part) => part.trim())) {
    if (entry.startsWith('MIG-'))
      throw new GpuError(
        `${by} names ${entry}, a part of a GPU, and only whole ones can be shared out`,
        'Remove "gpus" from the config: the runs then use what the variable says.',
      );
    const named = /^\d+$/.test(entry)
      ? gpus.filter(({ index }) => index === Number(entry))
      : gpus.filter(({ uuid }) => entry !== '' && uuid?.toLowerCase().startsWith(entry.toLowerCase()));
    const [gpu] = named;
    if (gpu === undefined || named.length > 1) break;
    if (!visible.includes(gpu)) visible.push(gpu);
  }
  return { gpus: visible, by };
}

/**
 * What a process has to have in its environment so that it sees these GPUs and no others, and counts them as their tools do.
 *
 * @param env that it has otherwise: where AMD's own variable is set, it goes before that of CUDA
 */
export function gpuEnvironment(indices: readonly number[], env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const list = indices.join(',');
  const isSet = env['HIP_VISIBLE_DEVICES'] !== undefined;
  return { CUDA_VISIBLE_DEVICES: list, CUDA_DEVICE_ORDER: 'PCI_BUS_ID', ...(isSet && { HIP_VISIBLE_DEVICES: list }) };
}

/** "GPUs 2 and 3"; "no GPU". */
export function listedText(gpus: readonly Pick<Gpu, 'index'>[]): string {
  if (gpus.length === 0) return 'no GPU';
  return `${gpus.length === 1 ? 'GPU' : 'GPUs'} ${listText(gpus.map(({ index }) => String(index)))}`;
}
