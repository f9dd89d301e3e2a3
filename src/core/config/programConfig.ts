import type { Config, ProgramRunConfig, RunConfig } from './config.ts';
import type { TrlRun } from './trlConfig.ts';

const programTrainers: readonly unknown[] = ['command', 'ray', 'trl'] satisfies readonly ProgramRunConfig['trainer'][];

/** Whether a trainer, as a config names it, is a program of its own. A `run.json` of another writer may name none. */
export function isProgramTrainer(trainer: unknown): trainer is ProgramRunConfig['trainer'] {
  return programTrainers.includes(trainer);
}

/** Whether a run is that of a program started by command, on this machine or on a Ray cluster. */
export function isProgram(config: RunConfig | ProgramRunConfig): config is ProgramRunConfig {
  return isProgramTrainer(config.trainer);
}

/** What users call the program of a run: of TRL they have written no command. */
export function nounOf(trainer: ProgramRunConfig['trainer']): string {
  return trainer === 'trl' ? 'training' : 'command';
}

/** The config of a run that only the built-in trainer can be asked to take. Throws an error where it is another's. */
export function builtinConfig(config: RunConfig | ProgramRunConfig): RunConfig {
  if (isProgram(config)) throw new Error(`The built-in trainer cannot take a run of trainer "${config.trainer}".`);
  return config;
}

/** What decides how a program trains. */
type Training =
  | (Pick<ProgramRunConfig, 'env' | 'gpusPerRun' | 'runtimeEnv'> & {
      readonly trainer: Exclude<Config['trainer'], 'trl'>;
      readonly command: readonly string[] | null;
    })
  | (Pick<ProgramRunConfig, 'env' | 'gpusPerRun'> & TrlRun & { readonly trainer: 'trl' });

/** How a program trains, as its config says it: neither its length and seeds, nor how it is watched. */
export function trainingOf(config: Training): object {
  const { trainer, env, gpusPerRun } = config;
  if (trainer !== 'trl') return { trainer, command: config.command, env, gpusPerRun, runtimeEnv: config.runtimeEnv };
  const { model, dataset, reward, tools, task, warmStart, trl } = config;
  return { trainer, model, dataset, reward, tools, task, warmStart, trl, env, gpusPerRun };
}
