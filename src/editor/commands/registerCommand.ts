import { Disposable, commands } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { late } from '../late.ts';
import { showFailure } from './messages.ts';

export type CommandWork = (...args: unknown[]) => Promise<unknown>;

/** Registers a command of which nothing reaches VS Code as an unhandled error: `failure` begins the message that users see instead. */
function registerCommand(log: LogOutputChannel, name: string, failure: string, work: CommandWork): Disposable {
  return commands.registerCommand(name, (...args: unknown[]) => work(...args).catch((error: unknown) => showFailure(failure, error, log)));
}

/** Registers commands whose code is loaded when the first of them is called. `failures`: as above, by command. */
export function registerCommands<Name extends string>(
  log: LogOutputChannel,
  failures: Readonly<Record<Name, string>>,
  load: () => Promise<Readonly<Record<Name, CommandWork>>>,
): Disposable {
  const loaded = late(load);
  const names = Object.keys(failures) as Name[];
  return Disposable.from(
    ...names.map((name) => registerCommand(log, name, failures[name], async (...args) => (await loaded())[name](...args))),
  );
}
