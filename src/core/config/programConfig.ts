import type { ProgramRunConfig, RunConfig } from './config.ts';

/** Whether a run is that of a program started by command, on this machine or on a Ray cluster. A `run.json` of another writer may name no trainer. */
export function isProgram(config: RunConfig | ProgramRunConfig): config is ProgramRunConfig {
  return config.trainer === 'command' || config.trainer === 'ray';
}

/** The config of a run that only the built-in trainer can be asked to take. Throws an error where it is another's. */
export function builtinConfig(config: RunConfig | ProgramRunConfig): RunConfig {
  if (isProgram(config)) throw new Error(`The built-in trainer cannot take a run of trainer "${config.trainer}".`);
  return config;
}
