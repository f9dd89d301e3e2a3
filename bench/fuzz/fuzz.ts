import { Random } from '../../src/core/random.ts';
import type { Cost } from './meter.ts';
import { checkpointTargets } from './targets/checkpoints.ts';
import { configTargets } from './targets/configs.ts';
import { lineTargets } from './targets/lines.ts';
import { readerTargets } from './targets/readers.ts';
import { recordTargets } from './targets/records.ts';
import { requestTargets } from './targets/requests.ts';
import type { FuzzCase, FuzzTarget } from './target.ts';

/** What a parser did with its inputs. */
export interface FuzzResult {
  readonly target: string;
  readonly inputs: number;
  /** The first ones, each with the number of its input. */
  readonly crashes: readonly { readonly input: number; readonly error: Error }[];
  readonly crashCount: number;
  readonly slowest: { readonly input: number; readonly ms: number; readonly size: number };
  readonly largest: { readonly input: number; readonly bytes: number; readonly size: number };
}

/** Crashes that are kept of one parser. */
const mostKept = 5;

/** @param kernelFile reader.wasm */
export function fuzzTargets(kernelFile: string): readonly FuzzTarget[] {
  return [...recordTargets, ...lineTargets(kernelFile), ...configTargets, ...requestTargets, ...checkpointTargets, ...readerTargets()];
}

/** Input number `input` of a parser: the same numbers make the same input on every machine. */
export function inputOf(target: FuzzTarget, seed: number, input: number): FuzzCase {
  const name = [...target.name].reduce((hash, character) => (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0, 7);
  return target.prepare(new Random(seed, name, input));
}

/** Feeds inputs `from` to `to` (exclusive) to a parser; `begin` hears of each before it is made. */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  { from, to }: { readonly from: number; readonly to: number },
  measure: (input: FuzzCase) => Promise<Cost>,
  begin: (input: number) => void = () => undefined,
): Promise<FuzzResult> {
  const crashes: { input: number; error: Error }[] = [];
  let crashCount = 0;
  let slowest = { input: from, ms: 0, size: 0 };
  let largest = { input: from, bytes: 0, size: 0 };
  for (let input = from; input < to; input++) {
    begin(input);
    const made = inputOf(target, seed, input);
    const { ms, bytes, error = disagreement(made) } = await measure(made);
    if (error) {
      crashCount++;
      if (crashes.length < mostKept) crashes.push({ input, error });
    }
    if (ms > slowest.ms) slowest = { input, ms, size: made.size };
    if (bytes > largest.bytes) largest = { input, bytes, size: made.size };
  }
  return { target: target.name, inputs: to - from, crashes, crashCount, slowest, largest };
}

function disagreement({ check }: FuzzCase): Error | undefined {
  try {
    check?.();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** How many of `inputs` each parser gets; at least one. */
export function sharesOf(targets: readonly FuzzTarget[], inputs: number): readonly number[] {
  const whole = targets.reduce((sum, { weight }) => sum + weight, 0);
  return targets.map(({ weight }) => Math.max(1, Math.round((inputs * weight) / whole)));
}
