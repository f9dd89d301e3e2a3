import { ProgressLocation, window } from 'vscode';
import type { CancellationToken, QuickPickItem } from 'vscode';
import { findGpus } from '../../runs/gpus/findGpus.ts';
import { nvidiaSmi } from '../../runs/gpus/nvidiaSmi.ts';
import { InstallError } from '../../runs/tensorflow/installError.ts';
import { installTensorflow } from '../../runs/tensorflow/installTensorflow.ts';
import {
  installedTensorflow,
  tensorflowEngine,
  tensorflowPackages,
  tensorflowVariable,
  tensorflowVersion,
} from '../../runs/tensorflow/tensorflowPackage.ts';
import type { TensorflowKind } from '../../runs/tensorflow/tensorflowPackage.ts';
import { isTrustedTo } from '../launch/trust.ts';
import type { Parts } from '../parts.ts';
import { tensorflowHome } from '../programs.ts';
import { note, showFailure } from './messages.ts';

type Needs = Pick<Parts, 'context' | 'settings' | 'programs' | 'log'>;

/** A second one would take the place of the first. */
let isInstalling = false;

/** Installs the TensorFlow engine into the extension's storage, where it is found from then on. */
export async function installTensorflowEngine(parts: Needs): Promise<void> {
  if (!isTrustedTo('install an engine for runs')) return;
  if (isInstalling) return note('The TensorFlow engine is being installed already');
  isInstalling = true;
  try {
    const kind = await askKind(parts);
    if (kind !== undefined) await install(parts, kind);
  } finally {
    isInstalling = false;
  }
}

async function askKind({ programs }: Needs): Promise<TensorflowKind | undefined> {
  const survey = await window.withProgress({ location: ProgressLocation.Window, title: 'Looking for GPUs' }, () => findGpus());
  const gpus = survey.kind === 'found' && survey.tool === nvidiaSmi.name ? survey.gpus : [];
  const installed = installedTensorflow({ ...process.env, ...programs.env })?.kind;
  const item = (kind: TensorflowKind, label: string, detail: string): QuickPickItem & { readonly chosen: TensorflowKind } => ({
    label,
    description: `${tensorflowPackages[kind]} ${tensorflowVersion}${installed === kind ? ', installed already' : ''}`,
    detail,
    chosen: kind,
  });
  const cpu = item('cpu', 'CPU', 'Needs nothing else.');
  const names = [...new Set(gpus.map(({ name }) => name))].join(', ');
  const items = gpus.length === 0 ? [cpu] : [item('gpu', 'GPU', `For ${names}. Needs CUDA 11.2 and cuDNN 8.1.`), cpu];
  const chosen = await window.showQuickPick(items, {
    title: 'Install TensorFlow engine',
    placeHolder:
      gpus.length === 0 ? 'No NVIDIA GPU is found, so TensorFlow computes on the CPU here' : 'Choose what TensorFlow computes on',
  });
  return chosen?.chosen;
}

async function install({ context, settings, programs, log }: Needs, kind: TensorflowKind): Promise<void> {
  const home = tensorflowHome(context.globalStorageUri.fsPath);
  const name = tensorflowPackages[kind];
  try {
    const title = 'TensorFlow engine';
    await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (progress, token) =>
      installTensorflow({
        home,
        kind,
        env: process.env,
        signal: signalOf(token, context),
        onStage: (message) => {
          log.info(`${name}: ${message}`);
          progress.report({ message: `${message}…` });
        },
        trainer: { entry: programs.trainer, node: programs.node, env: programs.env },
      }),
    );
  } catch (error) {
    if (error instanceof InstallError && error.aborted) return note('The installation was cancelled, and nothing is left of it');
    if (error instanceof InstallError && error.output !== '') log.info(error.output);
    return showFailure('The TensorFlow engine was not installed', error, log);
  }
  // So that `otb doctor` in a terminal of the editor finds it too.
  context.environmentVariableCollection.replace(tensorflowVariable, programs.env[tensorflowVariable] ?? home);
  const use = 'Use for New Runs';
  const message = `The TensorFlow engine is installed, for the ${kind.toUpperCase()}. Runs use it where their engine is ${tensorflowEngine}.`;
  void window.showInformationMessage(message, use).then((choice) => {
    if (choice === use) void settings.setForUser('launch.engine', tensorflowEngine);
  });
}

/** Aborted when somebody cancels, and when the window closes. */
function signalOf(token: CancellationToken, context: Needs['context']): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  token.onCancellationRequested(abort);
  context.subscriptions.push({ dispose: abort });
  return controller.signal;
}
