import type * as tf from '@tensorflow/tfjs-core';

/** A parameter tensor by its name. */
export type Parameters = (name: string) => tf.Tensor;

/** A policy architecture in TensorFlow.js operations. Tensors are not disposed here: callers run these functions in `tf.tidy`. */
export interface TfjsPolicy {
  /** Logits [rows · length × vocabulary] at every position of tokens [rows × length]; differentiable. */
  forward(parameters: Parameters, tokens: Int32Array, rows: number, length: number): tf.Tensor;
  /** About what a position of sequences of this length keeps for the gradient, and the gradient's own temporaries; measured. */
  bytesPerToken(length: number): number;
  /** What `step` carries from position to position, before the first; the first axis of every tensor is the row. */
  start(rows: number): tf.Tensor[];
  /** Feeds one token to every row, all at the same position. */
  step(parameters: Parameters, state: readonly tf.Tensor[], tokens: Int32Array, position: number): PolicyStep;
}

interface PolicyStep {
  /** [rows × vocabulary] */
  readonly logits: tf.Tensor;
  readonly state: tf.Tensor[];
}
