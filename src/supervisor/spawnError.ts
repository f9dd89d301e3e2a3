import { closeSync, readSync } from 'node:fs';
import path from 'node:path';
import { leastVersions } from '../runs/launcher/trlPackage.ts';
import { openRegularSync } from '../runs/directory/regularFile.ts';
import { findProgram, isPath, mayExecute, statusOf } from '../runs/process/findProgram.ts';
import type { CommandEnd } from './traces.ts';

/** What was to be started. */
export interface Started extends Pick<CommandEnd, 'of'> {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Why a command cannot be started, and what to do. */
export interface SpawnProblem {
  readonly sentence: string;
  readonly remedy: string;
}

/** What an error of `spawn` means: the system says of many things only that something "does not exist". */
export function spawnProblem(error: NodeJS.ErrnoException, { of, command, cwd, env }: Started): SpawnProblem {
  const [program = ''] = command;
  const folder = statusOf(cwd);
  if (folder === undefined)
    return { sentence: `The working directory ${cwd} is not there.`, remedy: 'Make it, or set "cwd" in the config to another one.' };
  if (!folder.isDirectory())
    return { sentence: `The working directory ${cwd} is a file.`, remedy: 'Set "cwd" in the config to a directory.' };
  if (!mayExecute(cwd))
    return { sentence: `The working directory ${cwd} may not be entered.`, remedy: `Change its permissions: chmod u+x ${cwd}` };
  if (program === '') return { sentence: 'The command has no program.', remedy: 'Make the first entry of "command" a program.' };
  const file = findProgram(program, cwd, env);
  if (of === 'trl' && (error.code === 'ENOENT' || error.code === 'EACCES'))
    return {
      sentence: `The Python ${program} ${file === undefined ? 'is not there' : 'cannot be started'}.`,
      remedy: `Install Python ${leastVersions.python} or newer, or choose another one: in the editor by the Python extension or "otb.python.path", on the command line with --python.`,
    };
  if (error.code === 'ENOENT') return file === undefined ? notFound(program, cwd, env) : withoutInterpreter(file);
  if (error.code === 'EACCES' || error.code === 'EPERM') return notAllowed(file ?? program);
  if (error.code === 'E2BIG')
    return {
      sentence: 'The arguments and the environment of the command are longer than the system allows.',
      remedy: 'Put long arguments into a file that the command reads.',
    };
  if (error.code === 'EAGAIN' || error.code === 'EMFILE' || error.code === 'ENFILE' || error.code === 'ENOMEM')
    return {
      sentence: `${program} cannot be started: the system has no room for another process (${error.code}).`,
      remedy: 'End other processes, or raise the limits (ulimit -u, ulimit -n), then start the run again.',
    };
  return { sentence: `${program} cannot be started: ${error.message}.`, remedy: 'Try the same command in a terminal.' };
}

function notFound(program: string, cwd: string, env: Started['env']): SpawnProblem {
  const isByPath = isPath(program);
  const where = isByPath ? `in ${path.dirname(path.resolve(cwd, program))}` : 'in PATH';
  const asFile = !isByPath && statusOf(path.join(cwd, program))?.isFile() === true;
  if (asFile)
    return {
      sentence: `The program ${program} is not found in PATH.`,
      remedy: `There is such a file in ${cwd}: write "./${program}" in "command".`,
    };
  if (program.includes(' '))
    return {
      sentence: `The program ${JSON.stringify(program)} is not found ${where}.`,
      remedy: 'Write each argument as an entry of its own in "command", or begin it with "bash", "-c".',
    };
  if (program === 'python' && findProgram('python3', cwd, env) !== undefined)
    return {
      sentence: 'The program python is not found in PATH.',
      remedy: 'Write "python3", or "${python}" for the Python that is chosen.',
    };
  const remedy = isByPath
    ? `Correct the path in "command"; it is taken from the working directory, ${cwd}.`
    : 'Install it, write its whole path in "command", or add its folder to PATH in "env".';
  return { sentence: `The program ${program} is not found ${where}.`, remedy };
}

/** The file is there, but not what its first line names. */
function withoutInterpreter(file: string): SpawnProblem {
  const first = firstLine(file);
  const [, interpreter = ''] = /^#!\s*(\S+)/.exec(first) ?? [];
  if (interpreter !== '' && first.endsWith('\r'))
    return {
      sentence: `The script ${file} has line ends of Windows, so that the system does not find ${interpreter}.`,
      remedy: `Convert it: sed -i 's/\\r$//' ${file}`,
    };
  const sentence =
    interpreter === ''
      ? `${file} cannot be started: what it needs to run is not on this machine.`
      : `The script ${file} is to be run by ${interpreter}, which is not there.`;
  return { sentence, remedy: 'Correct its first line, or name the interpreter in "command": "bash", "python3" …' };
}

function notAllowed(file: string): SpawnProblem {
  if (statusOf(file)?.isDirectory() === true)
    return { sentence: `${file} is a directory, not a program.`, remedy: 'Name the program in it in "command".' };
  const run = file.endsWith('.py') ? '"python3"' : file.endsWith('.sh') ? '"bash"' : undefined;
  const other = run === undefined ? '' : `, or put ${run} before it in "command"`;
  return { sentence: `${file} is not executable.`, remedy: `Make it executable: chmod +x ${file}${other}.` };
}

/** The first line of a script, with what stands before its newline; empty where it cannot be read. */
function firstLine(file: string): string {
  try {
    const descriptor = openRegularSync(file);
    try {
      const bytes = Buffer.alloc(256);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes)).split('\n', 1)[0] ?? '';
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}
