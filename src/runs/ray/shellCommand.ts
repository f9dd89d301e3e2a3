import { RayError } from './rayError.ts';

/** Characters that mean nothing to a shell, wherever they stand. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * A program and its arguments as the text that makes a POSIX shell start exactly that: Ray gives the entrypoint of a job to `sh -c`.
 * `exec` keeps the shell from taking the program for a word of its own (`test`, `if`, `NAME=value`), and lets signals and exit code be
 * the program's. Throws a RayError where an argument cannot be passed on at all.
 */
export function shellCommand(command: readonly string[]): string {
  return ['exec', ...command.map(shellWord)].join(' ');
}

function shellWord(argument: string): string {
  if (argument.includes('\0')) {
    throw new RayError('refused', 'An argument of "command" holds a NUL character, which no program can be given. Remove it.');
  }
  return plain.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
