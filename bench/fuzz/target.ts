import type { Random } from '../../src/core/random.ts';

/** One input, made and waiting to be parsed. */
export interface FuzzCase {
  /** Characters, bytes or values: what the time should be in proportion to. */
  readonly size: number;
  /** Parses the input. Throws whatever a reader of the product must not throw, and a Disagreement where the result is wrong. */
  run(): void | Promise<void>;
  /** Holds what the last run found against another reader. Not timed. Throws a Disagreement. */
  check?(): void;
}

/** A parser of the product, and how to make inputs for it. */
export interface FuzzTarget {
  readonly name: string;
  /** Share of all inputs, as a number of parts; slow parsers have fewer. */
  readonly weight: number;
  /** Makes an input. Not timed; the same numbers make the same input. */
  prepare(random: Random): FuzzCase;
}

/** Two readers that should say the same do not, or a result is not what it promises to be. */
class Disagreement extends Error {
  override readonly name = 'Disagreement';
}

export function agree(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Disagreement(what);
}
