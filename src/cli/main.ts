#!/usr/bin/env node
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { ConfigError } from '../runs/config/configError.ts';
import { RunDirectoryError, RunWriteError } from '../runs/directory/runDirectoryError.ts';
import type { ExitCode } from './exit.ts';
import { CommandError, exitCodes } from './exit.ts';
import { Output } from './output.ts';
import { packageRoot } from './packageRoot.ts';
import { runProgram } from './program.ts';

const output = new Output(process.stdout, process.stderr, process.env);
const debug = process.argv.includes('--debug') || Boolean(process.env['OTB_DEBUG']);
let exitCode: ExitCode = exitCodes.done;

// The reader of a pipe may leave early, as `otb … | head` does: nobody is left to write to, and that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exitCode : exitCodes.failed));
process.stderr.on('error', () => undefined);

try {
  await runProgram(process.argv.slice(2), {
    command: ['otb', ...process.argv.slice(2)],
    output,
    cwd: process.cwd(),
    env: process.env,
    root: packageRoot(),
    readStdin: () => text(process.stdin),
    exitWith: (code) => (exitCode = code),
  });
} catch (error) {
  exitCode = report(error);
}
// Waits for what is still on its way into a pipe; then nothing that a command forgot can keep the process alive.
process.stdout.write('', () => process.exit(exitCode));

/** Says what went wrong; a stack trace only for those who ask for it. */
function report(error: unknown): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  const code = exitCodeOf(error);
  // The lines of a config error begin with the file, so that editors and terminals make links of them.
  if (error instanceof ConfigError) output.note(message);
  else
    output.note(
      code === undefined
        ? `otb: unexpected error: ${message}${debug ? '' : '\nRun it again with --debug for the details.'}`
        : `otb: ${message}`,
    );
  if (debug && error instanceof Error)
    output.note(`${error.stack ?? ''}${error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? ''}` : ''}`);
  return code ?? exitCodes.failed;
}

/** Undefined for an error that nobody foresaw. */
function exitCodeOf(error: unknown): ExitCode | undefined {
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof RunWriteError) return exitCodes.failed;
  return error instanceof ConfigError || error instanceof RunDirectoryError ? exitCodes.badInput : undefined;
}
