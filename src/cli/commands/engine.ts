import type { Command } from 'commander';
import { Argument } from 'commander';
import { InstallError } from '../../runs/tensorflow/installError.ts';
import { installTensorflow } from '../../runs/tensorflow/installTensorflow.ts';
import { ownTensorflowFolder, tensorflowEngine, tensorflowPackages } from '../../runs/tensorflow/tensorflowPackage.ts';
import type { CommandContext } from '../context.ts';
import { failed } from '../exit.ts';
import { withInterruption } from '../interruption.ts';
import { trainerEntry } from '../training.ts';

/** `otb engine`: adds engines to the built-in trainer. */
export function registerEngine(program: Command, context: CommandContext): void {
  const engine = program.command('engine').description('add an engine to the built-in trainer');
  engine
    .command('install')
    .description(`install what the engine ${tensorflowEngine} needs, from npm, into a folder of the user; Ctrl-C cancels it`)
    .addArgument(new Argument('<name>', 'tensorflow').choices(['tensorflow']))
    .option('--gpu', `for NVIDIA GPUs: ${tensorflowPackages.gpu}, which needs CUDA 11.2 and cuDNN 8.1`)
    .action((_name: string, { gpu }: { readonly gpu?: true }) => install(gpu === true ? 'gpu' : 'cpu', context));
}

async function install(kind: 'cpu' | 'gpu', { env, output, root }: CommandContext): Promise<void> {
  const home = ownTensorflowFolder(env);
  const cancelling = new AbortController();
  const cancel = (): void => {
    output.note('Cancelling; Ctrl-C again does not wait for what was started to end.');
    cancelling.abort();
  };
  try {
    await withInterruption(cancel, () =>
      installTensorflow({
        home,
        kind,
        env,
        signal: cancelling.signal,
        onStage: (stage) => output.note(`${stage}…`),
        trainer: { entry: trainerEntry(root), node: process.execPath },
      }),
    );
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    throw failed(`the TensorFlow engine was not installed: ${error.message}`, error);
  }
  output.print(`The TensorFlow engine is installed in ${home}. Use it with --engine ${tensorflowEngine}.`);
}
