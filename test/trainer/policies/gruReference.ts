import type { Tensors } from '../../../src/trainer/engines/engine.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The gru policy in plain float64: logits at every position, [tokens × vocabulary]. */
export function gruLogits(
  parameters: ReadonlyMap<string, Float64Array>,
  width: number,
  vocabulary: number,
  tokens: readonly number[],
): Float64Array {
  const [input, recurrent, output, bias] = ['input.weight', 'recurrent.weight', 'output.weight', 'output.bias'].map((name) =>
    parameters.get(name)!,
  ) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const logits = new Float64Array(tokens.length * vocabulary);
  let h = new Float64Array(width);
  tokens.forEach((token, t) => {
    const next = new Float64Array(width);
    const gate = (q: number, j: number): number => h.reduce((sum, x, k) => sum + x * recurrent[q * width * width + k * width + j]!, 0);
    for (let j = 0; j < width; j++) {
      const x = (q: number): number => input[token * 3 * width + q * width + j]!;
      const r = sigmoid(x(0) + gate(0, j));
      const z = sigmoid(x(1) + gate(1, j));
      const n = Math.tanh(x(2) + r * gate(2, j));
      next[j] = n + z * (h[j]! - n);
    }
    h = next;
    for (let v = 0; v < vocabulary; v++)
      logits[t * vocabulary + v] = bias[v]! + h.reduce((sum, x, k) => sum + x * output[k * vocabulary + v]!, 0);
  });
  return logits;
}

/** log softmax(logits / temperature)[token] of one row. */
export function logProbability(logits: Float64Array, row: number, vocabulary: number, token: number, temperature: number): number {
  const scaled = Array.from(logits.subarray(row * vocabulary, (row + 1) * vocabulary), (x) => x / temperature);
  const largest = Math.max(...scaled);
  return scaled[token]! - largest - Math.log(scaled.reduce((sum, x) => sum + Math.exp(x - largest), 0));
}

export function inFloat64(tensors: Tensors): Map<string, Float64Array> {
  return new Map([...tensors].map(([name, { values }]) => [name, Float64Array.from(values)]));
}

/** Central finite differences of `loss` in one parameter tensor. */
export function finiteDifferences(values: Float64Array, loss: () => number, step = 1e-6): Float64Array {
  return values.map((value, i) => {
    values[i] = value + step;
    const above = loss();
    values[i] = value - step;
    const below = loss();
    values[i] = value;
    return (above - below) / (2 * step);
  });
}
