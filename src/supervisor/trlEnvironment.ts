import { existsSync } from 'node:fs';
import path from 'node:path';
import type { TrlRunConfig } from '../core/config/config.ts';
import type { Environment } from './programEnvironment.ts';

/** The module that trains, within the folder that Python is to find it in. */
const module = path.join('otb_trl', '__main__.py');

/**
 * The environment of a run of trainer "trl": of `env` what our package needs besides. Throws an error whose message is a sentence where the
 * package is not beside this program, as in an installation that is not whole.
 *
 * @param entry this program: the package lies in `python` beside its folder, in a clone, in the extension and in the package of npm
 * @param gpus that the run was given; undefined: none
 */
export function trlEnvironment(
  env: Environment,
  { config, entry, gpus }: { readonly config: Pick<TrlRunConfig, 'stop' | 'gpusPerRun'>; readonly entry: string; readonly gpus: unknown },
): Environment {
  const folder = path.resolve(path.dirname(entry), '..', 'python');
  if (!existsSync(path.join(folder, module)))
    throw new Error(`${path.join(folder, module)} is missing, which trains with TRL. Install OTB Run Inspector again.`);
  const others = (env['PYTHONPATH'] ?? '').split(path.delimiter).filter((entry) => entry !== '');
  return {
    // A run is killed with its processes; tokenizers would warn of what they fork.
    TOKENIZERS_PARALLELISM: 'false',
    // The launcher of several processes waits for a step to end as long as we do, not half a minute.
    TORCH_ELASTIC_SHUTDOWN_TIMEOUT: String(config.stop.interruptSeconds),
    ...env,
    ...(gpus === undefined && config.gpusPerRun === 1 && onlyFirst(env)),
    PYTHONPATH: [folder, ...others].join(path.delimiter),
    // Tools are experimental in TRL, which says so at every start.
    TRL_EXPERIMENTAL_SILENCE: '1',
  };
}

/** One GPU for one process: of several that it sees, Hugging Face's trainer would make an old kind of data parallelism, and TRL fail at it. */
function onlyFirst(env: Environment): Environment {
  const first = (name: string): string | undefined => env[name]?.split(',')[0];
  const hip = first('HIP_VISIBLE_DEVICES');
  return { CUDA_VISIBLE_DEVICES: first('CUDA_VISIBLE_DEVICES') ?? '0', ...(hip !== undefined && { HIP_VISIBLE_DEVICES: hip }) };
}
