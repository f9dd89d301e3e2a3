import { integerText, listText, roundedQuantity } from '../../core/notation.ts';
import type { EngineSpeed, Measurement } from './measure.ts';

/** By this much another engine has to be faster than the first of the list, which gives the same bits on every machine. */
const leastGain = 1.1;

/** The engine that is worth taking, and why. */
export function fastestOf({ at, speeds }: Measurement): { readonly name: string; readonly reason: string } {
  const [first] = speeds;
  const ranked = speeds.toSorted((a, b) => b.tokensPerSecond - a.tokensPerSecond);
  const [best] = ranked;
  if (!first || !best) throw new RangeError('There is no fastest of no engines.');
  const chosen = best.tokensPerSecond < leastGain * first.tokensPerSecond ? first : best;
  const rest = listText(ranked.filter((speed) => speed !== chosen).map(speedText));
  const why = chosen === best ? '' : `, not faster by a tenth: ${chosen.name} gives the same bits on every machine`;
  return { name: chosen.name, reason: `measured ${at}: ${speedText(chosen)}; ${rest}${why}` };
}

/** "wasm-simd 52100 tokens/s" */
function speedText({ name, tokensPerSecond }: EngineSpeed): string {
  return `${name} ${integerText(roundedQuantity(tokensPerSecond))} tokens/s`;
}
