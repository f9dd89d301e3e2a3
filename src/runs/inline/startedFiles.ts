import path from 'node:path';
import { scriptSyntax } from '../../core/inline/scriptText.ts';

/** More arguments than this no one looks for files in; people's commands have fifty. */
const mostArguments = 1000;

/**
 * Absolute paths of the scripts and YAML files that a command may be about, whether they are there or not: arguments that end like one
 * (`run.sh`, `--config=grpo.yaml`), the module behind `-m`, and the config that `--config-path`, `--config-dir` and `--config-name` of
 * Hydra name. Hydra takes the path from where the program is, and the folder from where it is started.
 * @param cwd folder in which the command was started.
 */
export function startedFiles(command: readonly string[], cwd: string): readonly string[] {
  const words = command.slice(0, mostArguments);
  const files = words.flatMap((word) => filesIn(word));
  const programs = [...files.filter((file) => scriptSyntax(file) === 'python'), ...moduleFiles(words).slice(0, 1)];
  const folders = ['.', ...programs.map((file) => path.dirname(file))];
  const named = [...files, ...moduleFiles(words), ...hydraConfigs(words, folders)];
  return [...new Set(named.map((file) => path.resolve(cwd, file)))];
}

function filesIn(word: string): readonly string[] {
  const value = word.startsWith('-') || /^[+\w.]+=/.test(word) ? word.slice(word.indexOf('=') + 1) : word;
  // A shell's whole command in one argument: bash -c "cd verl && bash run.sh".
  return value.split(/[\s;&|'"]+/).filter((part) => part.length < 4096 && scriptSyntax(part) !== undefined);
}

function moduleFiles(words: readonly string[]): readonly string[] {
  const name = words[words.indexOf('-m') + 1];
  if (!words.includes('-m') || name === undefined || !/^[A-Za-z_]\w*(?:\.\w+)*$/.test(name)) return [];
  const file = name.replaceAll('.', '/');
  return [`${file}.py`, `${file}/__main__.py`];
}

function hydraConfigs(words: readonly string[], folders: readonly string[]): readonly string[] {
  const name = option(words, '--config-name', '-cn');
  if (name === undefined) return [];
  const file = scriptSyntax(name) === 'yaml' ? name : `${name}.yaml`;
  const folder = option(words, '--config-dir', '-cd');
  const within = option(words, '--config-path', '-cp');
  const isLocal = within !== undefined && !/^\w+:\/\//.test(within);
  return [
    ...(folder === undefined ? [] : [path.join(folder, file)]),
    ...(isLocal ? folders.map((base) => path.join(path.isAbsolute(within) ? within : path.join(base, within), file)) : []),
  ];
}

function option(words: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const name = names.find((known) => word === known || word.startsWith(`${known}=`));
    if (name !== undefined) return word === name ? words[index + 1] : word.slice(name.length + 1);
  }
  return undefined;
}
