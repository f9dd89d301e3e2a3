import { existsSync } from 'node:fs';
import path from 'node:path';

/** The Python that `${python}` of a config stands for. */
export interface PythonChoice {
  /** Absolute path, or a name that is looked up on the PATH. */
  readonly program: string;
  /** Who chose it, in words that follow "Python is": "of VIRTUAL_ENV". */
  readonly source: string;
}

/** What is taken where nobody has chosen one. */
export const usualPython: PythonChoice = { program: process.platform === 'win32' ? 'python' : 'python3', source: 'the one on the PATH' };

/** What `otb` says of one that it was told to take. */
export const givenPython = 'given by --python';

/** On the command line: the one that is named, else that of the virtual environment or Conda environment that is active, else `python3`. */
export function commandLinePython(named: string | undefined, env: Readonly<Record<string, string | undefined>>, cwd: string): PythonChoice {
  if (named !== undefined) return { program: programFrom(named, cwd), source: givenPython };
  for (const variable of ['VIRTUAL_ENV', 'CONDA_PREFIX']) {
    const program = pythonIn(env[variable] ?? '');
    if (program !== undefined) return { program, source: `that of ${variable}` };
  }
  return usualPython;
}

/** A program as somebody wrote it: a path from a folder, or a name. */
export function programFrom(written: string, folder: string): string {
  return /[\\/]/.test(written) ? path.resolve(folder, written) : written;
}

/** The Python of an environment's folder; undefined: there is none. */
function pythonIn(folder: string): string | undefined {
  if (folder === '') return undefined;
  const places = process.platform === 'win32' ? ['Scripts/python.exe', 'python.exe'] : ['bin/python3', 'bin/python'];
  return places.map((place) => path.join(folder, place)).find((program) => existsSync(program));
}

/**
 * An environment in which a script that says `python3` gets the chosen one, as in a terminal where its environment is active: the folder
 * of its program comes first on the PATH. A name that is looked up there changes nothing.
 */
export function withPythonFirst(
  env: Readonly<Record<string, string | undefined>>,
  program: string,
): Readonly<Record<string, string | undefined>> {
  if (!path.isAbsolute(program)) return env;
  const name = Object.keys(env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  const folder = path.dirname(program);
  const others = (env[name] ?? '').split(path.delimiter).filter((entry) => entry !== '' && entry !== folder);
  return { ...env, [name]: [folder, ...others].join(path.delimiter) };
}
