import { commands } from 'vscode';
import type { Disposable, LogOutputChannel } from 'vscode';
import { showFailure } from './messages.ts';

/** Registers a command of which nothing reaches VS Code as an unhandled error: `failure` begins the message that users see instead. */
export function registerCommand(
  log: LogOutputChannel,
  name: string,
  failure: string,
  work: (...args: unknown[]) => Promise<unknown>,
): Disposable {
  return commands.registerCommand(name, (...args: unknown[]) => work(...args).catch((error: unknown) => showFailure(failure, error, log)));
}
