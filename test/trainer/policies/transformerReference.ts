import type { TransformerShape } from '../../../src/core/memory/transformerLayout.ts';

type Parameters = ReadonlyMap<string, Float64Array>;

/** The transformer in plain float64: logits at every position, [tokens × vocabulary]. */
export function transformerLogits(parameters: Parameters, shape: TransformerShape, tokens: readonly number[]): Float64Array {
  const { width, layers, vocabulary } = shape;
  const tensor = (name: string): Float64Array => {
    const values = parameters.get(name);
    if (values === undefined) throw new Error(`no tensor ${name}`);
    return values;
  };
  const norm = (x: readonly Float64Array[], name: string): Float64Array[] =>
    x.map((row) => layerNorm(row, tensor(`${name}.weight`), tensor(`${name}.bias`)));
  const linear = (x: readonly Float64Array[], name: string): Float64Array[] =>
    x.map((row) => affine(row, tensor(`${name}.weight`), tensor(`${name}.bias`)));
  const add = (x: readonly Float64Array[], y: readonly Float64Array[]): Float64Array[] =>
    x.map((row, t) => row.map((value, j) => value + y[t]![j]!));

  let x: Float64Array[] = tokens.map((token, t) =>
    Float64Array.from({ length: width }, (_, j) => tensor('token.weight')[token * width + j]! + tensor('position.weight')[t * width + j]!),
  );
  for (let i = 0; i < layers; i++) {
    const qkv = linear(norm(x, `layers.${i}.norm1`), `layers.${i}.attention.qkv`);
    x = add(x, linear(attend(qkv, shape), `layers.${i}.attention.output`));
    const up = linear(norm(x, `layers.${i}.norm2`), `layers.${i}.mlp.up`);
    x = add(
      x,
      linear(
        up.map((row) => row.map(gelu)),
        `layers.${i}.mlp.down`,
      ),
    );
  }
  const noBias = new Float64Array(vocabulary);
  const logits = new Float64Array(tokens.length * vocabulary);
  norm(x, 'norm').forEach((row, t) => logits.set(affine(row, tensor('head.weight'), noBias), t * vocabulary));
  return logits;
}

function layerNorm(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value, j) => ((value - mean) / Math.sqrt(variance + 1e-5)) * weight[j]! + bias[j]!);
}

/** x · weight + bias, weight [inputs × outputs]. */
function affine(x: Float64Array, weight: Float64Array, bias: Float64Array): Float64Array {
  const y = bias.slice();
  for (let k = 0, i = 0; k < x.length; k++) for (let j = 0; j < y.length; j++, i++) y[j]! += x[k]! * weight[i]!;
  return y;
}

/** Causal attention over rows [query | key | value], each of `heads` heads. */
function attend(qkv: readonly Float64Array[], { width, heads }: TransformerShape): Float64Array[] {
  const headWidth = width / heads;
  return qkv.map((row, t) => {
    const out = new Float64Array(width);
    for (let query = 0; query < width; query += headWidth) {
      const key = width + query;
      const value = key + width;
      const scores = qkv.slice(0, t + 1).map((other) => {
        let score = 0;
        for (let j = 0; j < headWidth; j++) score += row[query + j]! * other[key + j]!;
        return score / Math.sqrt(headWidth);
      });
      const largest = Math.max(...scores);
      const weights = scores.map((score) => Math.exp(score - largest));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      weights.forEach((weight, s) => {
        for (let j = 0; j < headWidth; j++) out[query + j]! += (weight / total) * qkv[s]![value + j]!;
      });
    }
    return out;
  });
}

function gelu(u: number): number {
  return 0.5 * u * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (u + 0.044715 * u ** 3)));
}
