import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Config } from '../../core/config/config.ts';
import { isDataFile, pythonFileOf } from '../../core/config/trlFindings.ts';
import { ConfigError } from '../config/configError.ts';
import type { ConfigProblem } from '../config/configError.ts';
import type { LoadedConfig } from '../config/loadConfig.ts';

/** A file or folder that a config names. */
interface NamedFile {
  readonly key: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** What no name on the Hugging Face Hub looks like, which has one slash at most. */
const folder = /^(?:~?\/|\.{1,2}[/\\]|[A-Za-z]:[/\\])|\\|\/.*\//;

/**
 * Sees that the files are there that a config of `trl` names, so that nobody waits for Python to say so. Throws a ConfigError.
 *
 * @param cwd folder in which the runs are started
 */
export async function requireFiles({ config, file, locate }: LoadedConfig, cwd: string): Promise<void> {
  if (config.trainer !== 'trl') return;
  const base = path.resolve(cwd, config.cwd ?? '.');
  const missing = await Promise.all(
    namedFiles(config).map(async ({ key, name, kind }): Promise<ConfigProblem | undefined> => {
      const found = await stat(path.resolve(base, name.replace(/^~(?=\/)/, os.homedir()))).catch(() => undefined);
      if (kind === 'file' ? found?.isFile() : found?.isDirectory()) return undefined;
      const message = `there is no ${kind} ${name} in ${base}, the working directory of the runs`;
      return { file, ...locate(key), key, message, remedy: remedyFor(kind, found !== undefined) };
    }),
  );
  const problems = missing.filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new ConfigError(problems);
}

function remedyFor(kind: NamedFile['kind'], isSomethingElse: boolean): string {
  if (isSomethingElse) return `It is something else: name a ${kind}.`;
  return `Correct the path, or put the ${kind} there; "cwd" says where else the runs are to work.`;
}

function namedFiles({ model, dataset, reward, tools }: Config): readonly NamedFile[] {
  const data = typeof dataset === 'string' ? dataset : dataset?.path;
  const dataKey = typeof dataset === 'string' ? 'dataset' : 'dataset.path';
  const rewards = typeof reward === 'string' ? [{ key: 'reward', name: reward }] : named('reward', reward ?? []);
  const functions = [...rewards, ...named('tools', tools)].flatMap(({ key, name }): NamedFile[] => {
    const python = pythonFileOf(name);
    return python === undefined ? [] : [{ key, name: python, kind: 'file' }];
  });
  return [
    ...(typeof model === 'string' && folder.test(model) ? [{ key: 'model', name: model, kind: 'folder' } as const] : []),
    ...(data !== undefined && (isDataFile(data) || folder.test(data)) ? [dataAt(dataKey, data)] : []),
    ...functions,
  ];
}

function dataAt(key: string, name: string): NamedFile {
  return { key, name, kind: isDataFile(name) ? 'file' : 'folder' };
}

function named(list: string, names: readonly string[]): readonly { readonly key: string; readonly name: string }[] {
  return names.map((name, index) => ({ key: `${list}[${index}]`, name }));
}
