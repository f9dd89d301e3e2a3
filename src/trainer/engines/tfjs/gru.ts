import * as tf from '@tensorflow/tfjs-core';
import { embedding, linear, product } from './layers.ts';
import type { Parameters, TfjsPolicy } from './policy.ts';

export interface GruShape {
  readonly width: number;
  /** Truncated back-propagation: no gradient flows into positions that are multiples of this; null: exact. */
  readonly truncateBackpropEvery: number | null;
}

/**
 * Gated recurrent unit (Cho et al., 2014) over one-hot tokens: r = σ(x_r + h·W_r), z = σ(x_z + h·W_z),
 * n = tanh(x_n + r ∘ (h·W_n)), h′ = n + z ∘ (h − n); logits = h′·W_o + b.
 */
export function gruPolicy({ width, truncateBackpropEvery }: GruShape): TfjsPolicy {
  /** The three recurrent matrices side by side, [width × 3 · width], so that a position costs one product. */
  const recurrentMatrix = (parameters: Parameters): tf.Tensor => tf.concat(tf.unstack(parameters('recurrent.weight')), 1);

  /** x [rows × 3 · width], h [rows × width] → the next h. */
  function next(x: tf.Tensor, h: tf.Tensor, recurrent: tf.Tensor): tf.Tensor {
    const [xr, xz, xn] = tf.split(x, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const [hr, hz, hn] = tf.split(product(h, recurrent), 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const r = tf.sigmoid(tf.add(xr, hr));
    const z = tf.sigmoid(tf.add(xz, hz));
    const n = tf.tanh(tf.add(xn, tf.mul(r, hn)));
    return tf.add(n, tf.mul(z, tf.sub(h, n)));
  }

  const logits = (parameters: Parameters, states: tf.Tensor): tf.Tensor =>
    linear(states, parameters('output.weight'), parameters('output.bias'));

  return {
    forward(parameters, tokens, rows, length) {
      const recurrent = recurrentMatrix(parameters);
      const inputs = tf.unstack(tf.reshape(embedding(tokens, parameters('input.weight')), [rows, length, 3 * width]), 1);
      const states: tf.Tensor[] = [];
      let h: tf.Tensor = tf.zeros([rows, width]);
      inputs.forEach((x, position) => {
        if (truncateBackpropEvery !== null && position > 0 && position % truncateBackpropEvery === 0) h = withoutGradient(h);
        h = next(x, h, recurrent);
        states.push(h);
      });
      return logits(parameters, tf.reshape(tf.stack(states, 1), [-1, width]));
    },

    bytesPerToken: () => 4 * 60 * width,

    start: (rows) => [tf.zeros([rows, width])],

    step(parameters, state, tokens) {
      const h = next(embedding(tokens, parameters('input.weight')), state[0]!, recurrentMatrix(parameters));
      return { logits: logits(parameters, h), state: [h] };
    },
  };
}

/** The same values; back-propagation ends here. */
const withoutGradient: (x: tf.Tensor) => tf.Tensor = tf.customGrad((...inputs) => {
  const [x] = inputs as [tf.Tensor];
  return { value: tf.clone(x), gradFunc: (gradient) => tf.zerosLike(gradient) };
});
