import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';
import { fileURLToPath, pathToFileURL } from 'node:url';
import '@tensorflow/tfjs-core/dist/base_side_effects';
import '@tensorflow/tfjs-backend-cpu/dist/base';
import '@tensorflow/tfjs-backend-wasm/dist/flags_wasm';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm/dist/base';
import * as tf from '@tensorflow/tfjs-core';
import './cpuKernels.ts';
import './gradients.ts';
import './wasmKernels.ts';
import { installedTensorflow, tensorflowPackages, tensorflowVersion } from '../../../runs/tensorflow/tensorflowPackage.ts';

/** Where TensorFlow.js runs: libtensorflow (GPU or CPU, installed by the user), WebAssembly with SIMD, plain JavaScript. */
export type TfjsBackend = 'tensorflow' | 'wasm' | 'cpu';

export const tfjsBackends: readonly TfjsBackend[] = ['tensorflow', 'wasm', 'cpu'];

export interface OpenedBackend {
  /** For people: "CPU, 1 thread". */
  readonly device: string;
  /** What the activations of sequences that are differentiated at once may take, in bytes. */
  readonly activationBytes: number;
}

/** A backend that cannot be used here: why, and what to do about it. */
export class BackendUnavailableError extends Error {
  override readonly name = 'BackendUnavailableError';
  readonly backend: TfjsBackend;
  readonly reason: string;

  constructor(backend: TfjsBackend, reason: string, options?: ErrorOptions) {
    super(`TensorFlow.js backend "${backend}" cannot be used: ${reason}`, options);
    this.backend = backend;
    this.reason = reason;
  }
}

const wasmFile = 'tfjs-backend-wasm-simd.wasm';

/**
 * Makes `backend` the one that TensorFlow.js computes on, for the whole process.
 * @throws BackendUnavailableError; it never falls back to another backend.
 */
export async function openBackend(backend: TfjsBackend): Promise<OpenedBackend> {
  tf.enableProdMode();
  switch (backend) {
    case 'tensorflow': {
      await loadNodePackage();
      await select(backend);
      const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
      return { device: isUsingGpuDevice ? 'GPU, libtensorflow' : 'CPU, libtensorflow', activationBytes: 2 ** 31 };
    }
    case 'wasm':
      setWasmPaths(findWasmFolder());
      await select(backend);
      return { device: 'CPU, 1 thread', activationBytes: 2 ** 27 };
    case 'cpu':
      await select(backend);
      return { device: 'CPU, 1 thread, plain JavaScript', activationBytes: 2 ** 27 };
  }
}

const deathEvents = ['uncaughtException', 'unhandledRejection'] as const;

/** `setBackend` reports failure by its result, and `ready` would then quietly take another backend. */
async function select(backend: TfjsBackend): Promise<void> {
  const listeners = (event: string): NodeJS.ExitListener[] => process.listeners(event as 'exit');
  const before = new Set(deathEvents.flatMap(listeners));
  const opened = await tf.setBackend(backend);
  // The WASM runtime installs listeners that rethrow; how this process dies is for its own code to decide.
  for (const event of deathEvents) for (const listener of listeners(event)) if (!before.has(listener)) process.off(event, listener);
  if (!opened) throw new BackendUnavailableError(backend, 'it failed to start. Choose another engine with --engine.');
}

/** The build copies the binary beside the bundles; a bundle may also lie deeper in that folder. */
function findWasmFolder(): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, wasmFile))) return folder + path.sep;
    if (folder === path.dirname(folder)) break;
  }
  throw new BackendUnavailableError('wasm', `${wasmFile} is neither in ${here} nor above it. Build the project again: npm run build.`);
}

/**
 * Loads the first installed package with libtensorflow, from where it was installed for us, then from where Node finds it. It registers its
 * backend with the TensorFlow.js that is bundled here, by way of the global registry that both share.
 */
async function loadNodePackage(): Promise<void> {
  // tfjs-node calls a function that Node 22 warns of and Node 23 removed.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined = (value) => value === null || value === undefined;
  // Of what libtensorflow logs, the features of the CPU are no news to anybody.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '1';
  const installed = installedTensorflow(process.env);
  if (installed !== undefined) {
    const { home, folder } = installed;
    const entry = createRequire(path.join(folder, 'package.json')).resolve('.');
    return load(
      () => import(pathToFileURL(entry).href),
      `the package in ${folder}`,
      `Remove ${home}, and install it again: otb engine install tensorflow.`,
    );
  }
  for (const name of Object.values(tensorflowPackages)) {
    try {
      createRequire(import.meta.url).resolve(name);
    } catch {
      continue;
    }
    return load(() => import(name), name, `Install it again: npm install ${name}@${tensorflowVersion}.`);
  }
  throw new BackendUnavailableError(
    'tensorflow',
    `neither ${Object.values(tensorflowPackages).join(' nor ')} is installed. Install one: otb engine install tensorflow, or npm install ${tensorflowPackages.cpu}@${tensorflowVersion}.`,
  );
}

async function load(importPackage: () => Promise<unknown>, what: string, remedy: string): Promise<void> {
  try {
    await importPackage();
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new BackendUnavailableError('tensorflow', `${what} is there but does not load: ${message}. ${remedy}`, { cause: error });
  }
}
