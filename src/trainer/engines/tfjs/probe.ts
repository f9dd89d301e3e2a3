import * as tf from '@tensorflow/tfjs-core';
import { unusable, type EngineState } from '../engineEntry.ts';
import { BackendUnavailableError, openBackend, type TfjsBackend } from './backend.ts';

/**
 * Starts a backend and lets it calculate. For a process that computes on no other: TensorFlow.js has one backend a process, and the
 * last one stays.
 */
export async function probeBackend(backend: TfjsBackend): Promise<EngineState> {
  try {
    const { device } = await openBackend(backend);
    const [value] = await tf.tidy(() => tf.matMul(tf.tensor2d([[2, 3]]), tf.tensor2d([[5], [7]]))).data();
    if (value !== 31) return unusable(`it starts but calculates wrongly: 2·5 + 3·7 = ${value}.`);
    return { usable: true, reason: `TensorFlow.js ${tf.version_core} starts and calculates.`, device };
  } catch (error) {
    return unusable(error instanceof BackendUnavailableError ? error.reason : error);
  }
}
