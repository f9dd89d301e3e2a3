import * as tf from '@tensorflow/tfjs-core';
import { embedding, gelu, layerNorm, linear, product, transposeMatrix } from './layers.ts';
import type { Parameters, TfjsPolicy } from './policy.ts';

export interface TransformerShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** Queries, keys and values [rows × heads × length × head width] → output of the same shape. */
type Attention = (layer: number, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor;

/** Decoder-only transformer with LayerNorm before each part (GPT-2, Radford et al., 2019) and an untied head without bias. */
export function transformerPolicy({ width, layers, heads }: TransformerShape): TfjsPolicy {
  const headWidth = width / heads;
  const scale = 1 / Math.sqrt(headWidth);

  /** [rows · length × width] → [rows × heads × length × head width] */
  const splitHeads = (x: tf.Tensor, rows: number): tf.Tensor => tf.transpose(tf.reshape(x, [rows, -1, heads, headWidth]), [0, 2, 1, 3]);
  const joinHeads = (x: tf.Tensor): tf.Tensor => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [-1, width]);

  /** Embedded tokens [rows · length × width] → logits. */
  function run(parameters: Parameters, embedded: tf.Tensor, rows: number, attention: Attention): tf.Tensor {
    let x = embedded;
    for (let layer = 0; layer < layers; layer++) {
      const p = (name: string): tf.Tensor => parameters(`layers.${layer}.${name}`);
      const normed = layerNorm(x, p('norm1.weight'), p('norm1.bias'));
      const qkv = tf.split(linear(normed, p('attention.qkv.weight'), p('attention.qkv.bias')), 3, 1);
      const [q, k, v] = qkv.map((part) => splitHeads(part, rows)) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const attended = joinHeads(attention(layer, q, k, v));
      x = tf.add(x, linear(attended, p('attention.output.weight'), p('attention.output.bias')));
      const hidden = gelu(linear(layerNorm(x, p('norm2.weight'), p('norm2.bias')), p('mlp.up.weight'), p('mlp.up.bias')));
      x = tf.add(x, linear(hidden, p('mlp.down.weight'), p('mlp.down.bias')));
    }
    return product(layerNorm(x, parameters('norm.weight'), parameters('norm.bias')), parameters('head.weight'));
  }

  const attend = (q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, mask: tf.Tensor | null): tf.Tensor => {
    const scores = tf.mul(product(q, transposeMatrix(k)), scale);
    return product(tf.softmax(mask ? tf.add(scores, mask) : scores), v);
  };

  return {
    forward(parameters, tokens, rows, length) {
      const positions = tf.slice(parameters('position.weight'), 0, length);
      const embedded = tf.add(tf.reshape(embedding(tokens, parameters('token.weight')), [rows, length, width]), positions);
      const mask = causalMask(length);
      return run(parameters, tf.reshape(embedded, [-1, width]), rows, (_layer, q, k, v) => attend(q, k, v, mask));
    },

    bytesPerToken: (length) => 4 * layers * (200 * width + 12 * heads * length),

    start: () => [],

    // The state is the cache of keys and values, two tensors a layer.
    step(parameters, state, tokens, position) {
      const embedded = tf.add(embedding(tokens, parameters('token.weight')), tf.slice(parameters('position.weight'), position, 1));
      const cache: tf.Tensor[] = [];
      const logits = run(parameters, embedded, tokens.length, (layer, q, k, v) => {
        const keys = position === 0 ? k : tf.concat([state[2 * layer]!, k], 2);
        const values = position === 0 ? v : tf.concat([state[2 * layer + 1]!, v], 2);
        cache.push(keys, values);
        return attend(q, keys, values, null);
      });
      return { logits, state: cache };
    },
  };
}

/** Causal mask [length × length], added to the scores: no position attends to a later one. */
function causalMask(length: number): tf.Tensor {
  const mask = new Float32Array(length * length);
  for (let t = 0; t < length; t++) mask.fill(-1e9, t * length + t + 1, (t + 1) * length);
  return tf.tensor2d(mask, [length, length]);
}
