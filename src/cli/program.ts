import { Command, CommanderError } from 'commander';
import { registerAdvantages } from './commands/advantages.ts';
import { registerCompare } from './commands/compare.ts';
import { registerDoctor } from './commands/doctor.ts';
import { registerEngine } from './commands/engine.ts';
import { registerExport } from './commands/export.ts';
import { registerInit } from './commands/init.ts';
import { registerInspect } from './commands/inspect.ts';
import { registerMcp } from './commands/mcp.ts';
import { registerNote } from './commands/note.ts';
import { registerQueue } from './commands/queue.ts';
import { registerResume } from './commands/resume.ts';
import { registerRun } from './commands/run.ts';
import { registerStop } from './commands/stop.ts';
import { registerWatch } from './commands/watch.ts';
import type { CommandContext } from './context.ts';
import { badInput } from './exit.ts';
import { packageVersion } from './packageRoot.ts';

const registrations = [
  registerInit,
  registerRun,
  registerResume,
  registerStop,
  registerInspect,
  registerWatch,
  registerCompare,
  registerAdvantages,
  registerExport,
  registerNote,
  registerDoctor,
  registerEngine,
  registerQueue,
  registerMcp,
];

/** Parses the arguments (without `node` and the script) and runs the command that they name. Rejects with a CommandError on bad usage. */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<void> {
  const program = new Command('otb')
    .description('Starts trainings with several advantage baselines, follows runs live, flags training collapse and compares baselines.')
    .version(packageVersion(context.root), '-V, --version', 'show the version')
    .option('--debug', 'show the stack trace of an error (also: OTB_DEBUG=1)')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: (text) => context.output.print(text.trimEnd()) })
    .showHelpAfterError(false);
  for (const register of registrations) register(program, context);
  if (args.length === 0) throw badInput(`expected a command.\n\n${program.helpInformation().trimEnd()}`);
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    throw badInput(usageMessage(error, program, args), error);
  }
}

/** Commander's message as one line that ends in where to read on. */
function usageMessage(error: CommanderError, program: Command, args: readonly string[]): string {
  const message = error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/s, ' ($1)');
  return `${message.replace(/\.?$/, '.')} See: ${named(program, args).join(' ')} --help`;
}

/** The command that the arguments name, from the program on; what stands between its words are options. */
function named(program: Command, args: readonly string[]): readonly string[] {
  let command = program;
  const words = [program.name()];
  for (const argument of args) {
    const next = command.commands.find((each) => each.name() === argument);
    if (next === undefined) continue;
    command = next;
    words.push(argument);
  }
  return words;
}
