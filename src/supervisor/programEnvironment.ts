import path from 'node:path';
import { parseEnv } from 'node:util';
import { environmentNames, filledIn, isSecret } from '../core/config/commandTemplate.ts';
import type { CommandVariables } from '../core/config/commandTemplate.ts';
import type { ProgramRunConfig } from '../core/config/config.ts';
import { withPythonFirst } from '../runs/launcher/pythonChoice.ts';
import { readTextSync } from '../runs/directory/regularFile.ts';
import { RunDirectoryError } from '../runs/directory/runDirectoryError.ts';

/** The environment of a supervisor's program. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Most bytes of an environment file; systems take less. */
const mostEnvBytes = 1 << 20;
/** Of the process that this one is, where VS Code plays Node. */
const ours = ['ELECTRON_RUN_AS_NODE'];

/**
 * The environment of a program: that of whoever started the run, then the config's `envFile`, its `env`, and what the run adds. Throws a
 * RunDirectoryError where the file cannot be read, or a variable that the config names is not set.
 *
 * @param folder that `envFile` is relative to
 * @param added of the run itself
 */
export function programEnvironment(
  config: Pick<ProgramRunConfig, 'env' | 'envFile' | 'command' | 'resume' | 'metrics' | 'headers'>,
  variables: CommandVariables,
  { base, folder, added }: { readonly base: Environment; readonly folder: string; readonly added: Environment },
): Environment {
  const outer: Record<string, string | undefined> = { ...base };
  for (const name of ours) delete outer[name];
  const given: Environment = { ...outer, ...readEnvFile(config.envFile, folder) };
  requireSet(config, given);
  const own = Object.fromEntries(Object.entries(config.env).map(([name, text]) => [name, filledIn(text, variables, given)]));
  // Python keeps what it prints for itself for long when no terminal reads it.
  return { PYTHONUNBUFFERED: '1', ...withPythonFirst(given, variables.python), ...own, ...added };
}

/** Of a whole environment only what a config gives: all that a job elsewhere is to know of this machine. Throws like `programEnvironment`. */
export function givenEnvironment(
  config: Pick<ProgramRunConfig, 'env' | 'envFile'>,
  env: Environment,
  folder: string,
): Readonly<Record<string, string>> {
  const names = [...Object.keys(readEnvFile(config.envFile, folder)), ...Object.keys(config.env)];
  return Object.fromEntries(names.map((name) => [name, env[name] ?? '']));
}

/** The values of an environment that are secret by their names, as they are and as programs print them in quotes. */
export function secretsIn(env: Environment): readonly string[] {
  const values = Object.entries(env).flatMap(([name, value]) => (value !== undefined && isSecret(name) ? [value] : []));
  return [...new Set(values.flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]))];
}

function readEnvFile(name: string | null, folder: string): Environment {
  if (name === null) return {};
  const file = path.resolve(folder, name);
  try {
    return parseEnv(readTextSync(file, mostEnvBytes));
  } catch (error) {
    throw new RunDirectoryError(
      file,
      `the environment file of the config cannot be read: ${(error as Error).message}`,
      'Make it, with NAME=value a line, or change "envFile".',
    );
  }
}

function requireSet({ command, resume, env, metrics, headers }: Parameters<typeof programEnvironment>[0], given: Environment): void {
  const texts = [...command, ...(resume ?? []), ...Object.values(env), ...Object.values(headers), metrics.path ?? ''];
  const missing = [...new Set(texts.flatMap(environmentNames))].filter((name) => given[name] === undefined);
  if (missing.length === 0) return;
  const [subject, object] =
    missing.length === 1 ? [`variable ${missing.join()} is`, 'it'] : [`variables ${missing.join(', ')} are`, 'them'];
  throw new Error(
    `The environment ${subject} not set, but the config names ${object}. Set ${object} where the run is started, or in "envFile".`,
  );
}
