import { rounded } from '../../core/notation.ts';
import { stringify } from '../../core/records/json.ts';
import { untrustedRemark } from './untrustedText.ts';

/** Significant digits of a measured number in an answer. */
const digits = 5;

/** A measured number as an answer has it; null where there is none. */
export function measured(value: number | null | undefined): number | null {
  if (value === null || value === undefined) return null;
  return Number.isFinite(value) ? rounded(value, digits) : value;
}

/** One way of making an answer smaller. */
export interface Cut {
  /** The key that loses something, for `cut` of the answer. */
  readonly of: string;
  /** Takes a little away. Returns whether there was anything to take. */
  readonly cut: () => boolean;
}

/** An answer before it is known to fit. */
export interface Draft {
  /** Makes the answer of what is left. */
  readonly build: () => object;
  /** What can be cut, in this order. */
  readonly cuts: readonly Cut[];
}

/**
 * An answer as JSON of at most `mostBytes`, with the remark about texts from outside. What does not fit is cut; `cut` in the answer names
 * what has lost something.
 */
export function boundedAnswer({ build, cuts }: Draft, mostBytes: number): string {
  const lost = new Set<string>();
  const write = (): string => stringify({ ...build(), ...(lost.size > 0 && { cut: [...lost] }), about_untrusted_text: untrustedRemark });
  let json = write();
  for (const { of, cut } of cuts) {
    while (Buffer.byteLength(json) > mostBytes && cut()) {
      lost.add(of);
      json = write();
    }
  }
  if (Buffer.byteLength(json) > mostBytes) throw new Error(`an answer of ${Buffer.byteLength(json)} bytes cannot be cut to ${mostBytes}`);
  return json;
}

/** Takes entries from the end of a list. `least`: those that always stay. */
export function dropLast(of: string, list: unknown[], least = 0, atOnce = 1): Cut {
  return {
    of,
    cut: () => list.length > least && list.splice(Math.max(least, list.length - atOnce)).length > 0,
  };
}
