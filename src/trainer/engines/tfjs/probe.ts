import * as tf from '@tensorflow/tfjs-core';
import { BackendUnavailableError, openBackend, tfjsBackends, type TfjsBackend } from './backend.ts';

/** Whether an engine works on this machine. */
export interface TfjsProbe {
  readonly name: `tfjs-${TfjsBackend}`;
  readonly usable: boolean;
  /** Why it is, or is not, usable, and then what to do about it. */
  readonly reason: string;
  /** What it would run on; null where it is not usable. */
  readonly device: string | null;
}

/**
 * Starts every backend in turn and lets it calculate. For a process of its own: TensorFlow.js has one backend a process, and the
 * last one stays.
 */
export async function probeTfjs(): Promise<TfjsProbe[]> {
  const probes: TfjsProbe[] = [];
  for (const backend of tfjsBackends) probes.push(await probe(backend));
  return probes;
}

async function probe(backend: TfjsBackend): Promise<TfjsProbe> {
  const name = `tfjs-${backend}` as const;
  try {
    const { device } = await openBackend(backend);
    const [value] = await tf.tidy(() => tf.matMul(tf.tensor2d([[2, 3]]), tf.tensor2d([[5], [7]]))).data();
    if (value !== 31) return { name, usable: false, reason: `it starts but calculates wrongly: 2·5 + 3·7 = ${value}.`, device: null };
    return { name, usable: true, reason: `TensorFlow.js ${tf.version_core} starts and calculates.`, device };
  } catch (error) {
    if (error instanceof BackendUnavailableError) return { name, usable: false, reason: error.reason, device: null };
    return { name, usable: false, reason: error instanceof Error ? error.message : String(error), device: null };
  }
}
