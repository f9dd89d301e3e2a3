import type { Config } from '../config/config.ts';
import { counted, integerText, quantityText } from '../notation.ts';
import { growth, stepCost, type Growth } from './stepCost.ts';

/** How PyTorch would do at the size of a config, and a sentence that says so. */
export interface TorchAdvice {
  readonly pytorch: 'faster' | 'even' | 'slower' | 'not measured';
  readonly text: string;
}

/** Below this a difference is not worth another trainer. */
const leastGain = 1.25;

/** How PyTorch would do at the size of a config; null where the built-in trainer does not train it. */
export function torchAdvice(
  { trainer, policy, rollout }: Pick<Config, 'trainer' | 'policy' | 'rollout'>,
  threads: number,
  measured: Growth = growth,
): TorchAdvice | null {
  if (trainer !== 'builtin') return null;
  if (policy.kind !== 'transformer') return notMeasured('only transformers were', measured);
  const sequences = rollout.promptsPerStep * rollout.groupSize;
  const shape = { width: policy.width, layers: policy.layers, tokens: rollout.maxResponseTokens, sequences };
  const cost = stepCost(shape, threads, measured);
  if (cost === null) return notMeasured(rangeText(measured), measured);
  const source = `Measured with PyTorch ${measured.torch} and ${counted(cost.threads, 'thread')} on ${measured.machine}, without a GPU.`;
  const gain = cost.ours / cost.torch;
  const least = Math.max(leastGain, 1 + measured.error);
  if (gain >= least) {
    const text = `At this size PyTorch would be about ${ratioText(gain)} × as fast: use "trainer": "trl". ${source}`;
    return { pytorch: 'faster', text };
  }
  if (1 / gain >= least) {
    const text = `At this size the built-in trainer is about ${ratioText(1 / gain)} × as fast as PyTorch. ${source}`;
    return { pytorch: 'slower', text };
  }
  return { pytorch: 'even', text: `At this size the built-in trainer is about as fast as PyTorch. ${source}` };
}

function notMeasured(what: string, { torch }: Growth): TorchAdvice {
  return { pytorch: 'not measured', text: `How PyTorch ${torch} would do at this size was not measured: ${what}.` };
}

/** "measured were transformers of width 32 to 512, 2 to 8 layers and responses of 64 to 2,048 tokens, not all of them large at once". */
function rangeText({ points }: Growth): string {
  const range = (key: 'width' | 'layers' | 'tokens'): string => {
    const values = points.map((point) => point[key]);
    return `${integerText(Math.min(...values))} to ${integerText(Math.max(...values))}`;
  };
  return `measured were transformers of width ${range('width')}, ${range('layers')} layers and responses of ${range('tokens')} tokens, not all of them large at once`;
}

/** One digit behind the point, as far as there is anything to tell it by. */
function ratioText(ratio: number): string {
  return quantityText(ratio >= 10 ? Math.round(ratio) : Math.round(10 * ratio) / 10);
}
