import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { transformerPolicy } from '../../../src/trainer/policies/transformer.ts';
import { attentionScratch, type TransformerShape } from '../../../src/core/memory/transformerLayout.ts';
import { BoundPolicy } from './boundPolicy.ts';
import { transformerLogits } from './transformerReference.ts';

/** Widths that fill the kernels' tiles and widths that do not, and a sequence longer than their blocks of rows. */
const shapes: readonly TransformerShape[] = [
  { width: 16, layers: 2, heads: 2, vocabulary: 24, maxTokens: 19 },
  { width: 12, layers: 3, heads: 3, vocabulary: 20, maxTokens: 14 },
  { width: 40, layers: 1, heads: 2, vocabulary: 16, maxTokens: 9 },
  { width: 8, layers: 1, heads: 1, vocabulary: 12, maxTokens: 70 },
];
const label = ({ width, layers, heads, maxTokens }: TransformerShape): string =>
  `width ${width}, ${layers} layers, ${heads} heads, ${maxTokens} tokens`;

const random = new Random(5);
const tokensFor = ({ vocabulary }: TransformerShape, length: number): number[] => Array.from({ length }, () => random.integer(vocabulary));
const bound = (shape: TransformerShape, sequences = 1): BoundPolicy =>
  new BoundPolicy(transformerPolicy(shape), shape.vocabulary, shape.maxTokens, sequences);

function assertClose(actual: Float32Array, expected: Float64Array, tolerance: number, what: string): void {
  expected.forEach((value, i) => assert.ok(Math.abs(actual[i]! - value) <= tolerance, `${what}[${i}]: ${actual[i]} against ${value}`));
}

describe('transformer policy', () => {
  for (const shape of shapes) {
    it(`gives the logits of a float64 reference (${label(shape)})`, () => {
      const policy = bound(shape);
      const tokens = tokensFor(shape, shape.maxTokens);
      policy.setTokens(0, tokens);
      const expected = transformerLogits(policy.parametersInFloat64(), shape, tokens);
      const tolerance = 1e-5 * Math.max(...expected.map(Math.abs));
      policy.decode([tokens.length]);
      assertClose(policy.logits(0), expected, tolerance, 'decoded');
      policy.logits(0).fill(0);
      policy.program.forward(0, tokens.length);
      assertClose(policy.logits(0), expected, tolerance, 'whole');
    });

    it(`has the gradient that central finite differences in float64 give, in every tensor (${label(shape)})`, () => {
      const policy = bound(shape);
      const length = shape.maxTokens - 1;
      const tokens = tokensFor(shape, length);
      policy.setTokens(0, tokens);
      policy.decode([length]);
      const dLogits = Float32Array.from({ length: length * shape.vocabulary }, () => random.uniform() - 0.5);
      policy.logits(0).set(dLogits);
      const gradient = policy.gradientOf(0, length);
      const parameters = policy.parametersInFloat64();
      const objective = (): number => transformerLogits(parameters, shape, tokens).reduce((sum, logit, i) => sum + logit * dLogits[i]!, 0);
      for (const [name, values] of parameters) {
        const actual = gradient.get(name)!;
        const scale = Math.max(...actual.map(Math.abs));
        assert.ok(scale > 0, `${name} has no gradient to compare`);
        for (let sample = 0; sample < 5; sample++) {
          const i = random.integer(values.length);
          const expected = centralDifference(values, i, objective);
          assert.ok(Math.abs(actual[i]! - expected) < 1e-4 * scale, `${name}[${i}]: ${actual[i]} against ${expected}`);
        }
      }
    });
  }

  it('gives the same bits to a row alone and to a row among others', () => {
    const shape = shapes[0]!;
    const lengths = [19, 3, 11, 19, 7, 1];
    const together = bound(shape, lengths.length);
    const alone = bound(shape, lengths.length);
    lengths.forEach((length, sequence) => {
      const tokens = tokensFor(shape, length);
      for (const policy of [together, alone]) policy.setTokens(sequence, tokens);
      alone.decode(lengths.map((_, other) => (other === sequence ? length : 0)));
    });
    together.decode(lengths);
    lengths.forEach((length, sequence) => {
      const size = length * shape.vocabulary;
      assert.deepEqual(together.logits(sequence).slice(0, size), alone.logits(sequence).slice(0, size));
      for (const policy of [together, alone]) policy.logits(sequence).set(Float32Array.from({ length: size }, (_, i) => Math.sin(i)));
      assert.deepEqual(together.gradientOf(sequence, length), alone.gradientOf(sequence, length));
    });
  });

  it('differentiates what was decoded as what was fed whole, where logits are wanted at some positions only', () => {
    for (const shape of shapes) {
      const length = shape.maxTokens;
      const tokens = tokensFor(shape, length);
      const isWanted = (position: number): boolean => position % 5 === 2 || position % 7 === 3;
      const gradients = ['decoded', 'whole'].map((way) => {
        const policy = bound(shape);
        policy.setTokens(0, tokens);
        policy.poisonSlots();
        if (way === 'whole') policy.program.forward(0, length);
        else policy.decode([length], (_, position) => isWanted(position));
        const { vocabulary } = shape;
        policy.logits(0).forEach((_, i, logits) => (logits[i] = isWanted(Math.floor(i / vocabulary)) ? Math.cos(i) : 0));
        return policy.gradientOf(0, length);
      });
      assert.ok([...gradients[0]!.values()].every((values) => values.every(Number.isFinite)));
      assert.deepEqual(gradients[0], gradients[1]);
    }
  });

  it('adds to the gradient that is already there', () => {
    const shape = shapes[1]!;
    const policy = bound(shape);
    policy.setTokens(0, tokensFor(shape, 10));
    policy.program.forward(0, 10);
    policy.logits(0).fill(0).fill(1, 0, 5);
    const once = policy.gradientOf(0, 10);
    const twice = policy.gradientOf(0, 10, 2);
    for (const [name, values] of once) {
      const scale = Math.max(...values.map(Math.abs));
      values.forEach((value, i) => assert.ok(Math.abs(twice.get(name)![i]! - 2 * value) <= 1e-5 * scale, name));
    }
  });

  it('has no gradient where no logits have one', () => {
    const shape = shapes[1]!;
    const policy = bound(shape);
    policy.setTokens(0, tokensFor(shape, 10));
    policy.program.forward(0, 10);
    policy.logits(0).fill(0);
    for (const values of policy.gradientOf(0, 10).values()) assert.ok(values.every((value) => value === 0));
  });

  it('gives nearly the same when multiply and add are fused', () => {
    const shape = shapes[0]!;
    const tokens = tokensFor(shape, shape.maxTokens);
    const [plain, fused] = (['simd', 'relaxed-simd'] as const).map((build) => {
      const policy = new BoundPolicy(transformerPolicy(shape), shape.vocabulary, shape.maxTokens, 1, build);
      policy.setTokens(0, tokens);
      policy.decode([tokens.length]);
      const logits = policy.logits(0).slice();
      policy.logits(0).set(logits.map(Math.sin));
      return new Map([['logits', logits], ...policy.gradientOf(0, tokens.length)]);
    }) as [Map<string, Float32Array>, Map<string, Float32Array>];
    for (const [name, values] of plain)
      assertClose(fused.get(name)!, Float64Array.from(values), 1e-5 * Math.max(...values.map(Math.abs)), name);
  });

  it('plans the work space that the attention kernel asks for', () => {
    const { kernels } = bound(shapes[0]!);
    for (const [headWidth, tokens] of [
      [8, 16],
      [20, 80],
      [32, 816],
    ] as const) {
      assert.equal(4 * attentionScratch(headWidth, tokens), kernels['attentionScratchBytes']!(headWidth, tokens));
    }
  });

  it('refuses sizes that its kernels cannot run', () => {
    const shape = shapes[0]!;
    assert.throws(() => transformerPolicy({ ...shape, width: 20, heads: 2 }), /multiple of 4 × heads; 20 is not one of 8/);
    assert.throws(() => transformerPolicy({ ...shape, vocabulary: 22 }), /multiple of 4; 22/);
    assert.throws(() => new BoundPolicy(transformerPolicy(shape), shape.vocabulary, 20), /19 positions, fewer than 20/);
  });
});

function centralDifference(values: Float64Array, i: number, objective: () => number, step = 1e-5): number {
  const value = values[i]!;
  values[i] = value + step;
  const above = objective();
  values[i] = value - step;
  const below = objective();
  values[i] = value;
  return (above - below) / (2 * step);
}
