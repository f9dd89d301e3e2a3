import { childOutput } from './childOutput.ts';

export interface Gpu {
  readonly name: string;
  readonly memoryMiB: number;
  readonly driver: string;
}

/** NVIDIA GPUs as nvidia-smi lists them; none, with the reason, where it does not work. */
export async function findGpus(): Promise<{ readonly gpus: readonly Gpu[]; readonly problem: string | null }> {
  const output = await childOutput('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'], 10_000);
  if (!output.ok) return { gpus: [], problem: output.reason };
  const gpus = output.stdout
    .split('\n')
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells.length >= 3)
    .map(([name = '', memory = '', driver = '']) => ({ name, memoryMiB: Number(memory), driver }));
  return { gpus, problem: gpus.length > 0 ? null : 'nvidia-smi lists no GPU' };
}
