import { ConfigError } from '../config/configError.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';
import { GpuError } from '../gpus/gpuError.ts';
import { GpuLeases } from '../gpus/gpuLeases.ts';

/**
 * Sees that this machine has the GPUs that the runs of a config are to share, whoever uses them now. Throws a ConfigError where they could
 * wait for ever.
 *
 * @param env of whoever starts them
 */
export async function requireGpus({ config, file, locate }: LoadedConfig, env: NodeJS.ProcessEnv): Promise<void> {
  const { trainer, gpus, gpusPerRun } = config;
  if (trainer === 'builtin' || trainer === 'ray' || gpus === null) return;
  try {
    await new GpuLeases(env).require({ pool: gpus, count: gpusPerRun });
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    const { problem, remedy } = error;
    throw new ConfigError([{ file, ...locate('gpus'), key: 'gpus', message: problem, remedy }], { cause: error });
  }
}
