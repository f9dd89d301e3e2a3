import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** The packages that bring libtensorflow to Node, best first. */
export const tensorflowPackages = { gpu: '@tensorflow/tfjs-node-gpu', cpu: '@tensorflow/tfjs-node' } as const;

export type TensorflowKind = keyof typeof tensorflowPackages;

/** The version that is installed: that of the TensorFlow.js in our bundles, with which it shares its registry of kernels. */
export const tensorflowVersion = '4.22.0';

/** The engine that they are for. */
export const tensorflowEngine = 'tfjs-tensorflow';

/** Folders in which it may be installed, separated like those of PATH; the editor names its own to the processes that train. */
export const tensorflowVariable = 'OTB_TENSORFLOW';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the command line installs it: a folder of the user's data, which outlives an update of this program. */
export function ownTensorflowFolder(env: Environment): string {
  return path.join(dataFolder(env), 'otb-run-inspector', 'tensorflow');
}

export interface InstalledTensorflow {
  /** In which npm installed it. */
  readonly home: string;
  readonly kind: TensorflowKind;
  /** Of the package itself. */
  readonly folder: string;
}

/** The GPU's package rather than the CPU's, in a folder that the environment names rather than in our own. */
export function installedTensorflow(env: Environment): InstalledTensorflow | undefined {
  const named = (env[tensorflowVariable] ?? '').split(path.delimiter).filter((home) => home !== '');
  const homes = [...named, ownTensorflowFolder(env)];
  const kinds = Object.keys(tensorflowPackages) as TensorflowKind[];
  return homes
    .flatMap((home) => kinds.map((kind) => ({ home, kind, folder: packageFolder(home, kind) })))
    .find(({ folder }) => existsSync(path.join(folder, 'package.json')));
}

/** Where npm puts the package within a folder. */
export function packageFolder(home: string, kind: TensorflowKind): string {
  return path.join(home, 'node_modules', ...tensorflowPackages[kind].split('/'));
}

/** Where this system keeps what belongs to the user and is no setting. */
function dataFolder(env: Environment): string {
  if (env['XDG_DATA_HOME']) return env['XDG_DATA_HOME'];
  if (process.platform === 'win32') return env['LOCALAPPDATA'] ?? path.join(os.homedir(), 'AppData', 'Local');
  return path.join(os.homedir(), ...(process.platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share']));
}
