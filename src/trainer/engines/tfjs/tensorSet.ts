import * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../../../core/random.ts';
import type { Tensor, Tensors } from '../engine.ts';
import type { TensorSpec } from '../../policies/policyProgram.ts';

/** One variable on the backend for every tensor of the policy: its parameters, their gradient or a moment of it. */
export class TensorSet {
  private readonly byName: ReadonlyMap<string, tf.Variable>;

  /** Zeros. `prefix` stands before the names in what is read and written. */
  constructor(
    private readonly specs: readonly TensorSpec[],
    private readonly prefix = '',
  ) {
    this.byName = new Map(specs.map(({ name, shape }) => [name, tf.tidy(() => tf.variable(tf.zeros([...shape])))]));
  }

  readonly get = (name: string): tf.Variable => {
    const variable = this.byName.get(name);
    if (!variable) throw new Error(`The policy has no tensor "${name}".`);
    return variable;
  };

  variables(): tf.Variable[] {
    return [...this.byName.values()];
  }

  /** Replaces every tensor by what `next` makes of it. */
  update(next: (tensor: tf.Tensor, name: string) => tf.Tensor): void {
    for (const [name, variable] of this.byName) {
      const value = next(variable, name);
      if (value !== variable) variable.assign(value);
    }
  }

  clear(): void {
    tf.tidy(() => this.update((tensor) => tf.zerosLike(tensor)));
  }

  initialize(random: Random): void {
    for (const { name, shape, initialize } of this.specs) {
      const values = new Float32Array(shape.reduce((product, extent) => product * extent, 1));
      initialize(values, random);
      this.set(name, { shape, values });
    }
  }

  read(): Tensors {
    const tensors = new Map<string, Tensor>();
    for (const { name, shape } of this.specs)
      tensors.set(this.prefix + name, { shape, values: this.get(name).dataSync<'float32'>().slice() });
    return tensors;
  }

  write(tensors: Tensors): void {
    for (const { name, shape } of this.specs) {
      const tensor = tensors.get(this.prefix + name);
      if (!tensor) throw new Error(`Tensor "${this.prefix}${name}" is missing.`);
      if (tensor.shape.join() !== shape.join()) {
        throw new Error(`Tensor "${this.prefix}${name}" has shape [${tensor.shape.join(', ')}], expected [${shape.join(', ')}].`);
      }
      this.set(name, tensor);
    }
  }

  /** Copies, because the JavaScript backend would keep the array itself. */
  private set(name: string, { shape, values }: Tensor): void {
    tf.tidy(() => this.get(name).assign(tf.tensor(values.slice(), [...shape])));
  }

  dispose(): void {
    for (const variable of this.byName.values()) variable.dispose();
  }
}
