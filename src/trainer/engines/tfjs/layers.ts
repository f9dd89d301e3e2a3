import * as tf from '@tensorflow/tfjs-core';

/** Swaps the last two axes. */
export function transposeMatrix(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const rows = axes.length - 2;
  [axes[rows], axes[rows + 1]] = [rows + 1, rows];
  return tf.transpose(x, axes);
}

/**
 * a [… × m × k] · b [… × k × n] → [… × m × n]; leading axes are equal. The gradient transposes by hand, because the WASM backend
 * takes a slow path for products with transposed operands.
 */
export const product: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor = tf.customGrad((...inputs) => {
  const [a, b, save] = inputs as [tf.Tensor, tf.Tensor, (tensors: tf.Tensor[]) => void];
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (gradient, saved) => {
      const [left, right] = saved as [tf.Tensor, tf.Tensor];
      return [product(gradient, transposeMatrix(right)), product(transposeMatrix(left), gradient)];
    },
  };
});

/** x [n × k] · weight [k × m] + bias [m] */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.add(product(x, weight), bias);
}

/** Rows of `table` [vocabulary × width] by token: → [tokens × width]. One-hot × table, for `gather` has no gradient on WASM. */
export function embedding(tokens: Int32Array, table: tf.Tensor): tf.Tensor {
  return product(oneHot(tokens, table.shape[0]!), table);
}

/** [tokens] → [tokens × vocabulary], float32. */
export function oneHot(tokens: Int32Array, vocabulary: number): tf.Tensor {
  return tf.cast(tf.oneHot(tf.tensor1d(tokens, 'int32'), vocabulary), 'float32');
}

const layerNormEpsilon = 1e-5;

/** Ba et al., 2016, over the last axis. */
export function layerNorm(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, layerNormEpsilon))), weight), bias);
}

/** Hendrycks and Gimpel, 2016: the tanh approximation. */
export function gelu(x: tf.Tensor): tf.Tensor {
  const inner = tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.mul(x, tf.square(x)))));
  return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)));
}
