import type { AlarmRule } from './labelledRun.ts';
import { changePointPosterior } from './rules/changePoint.ts';
import { llmC, olmoCore, zClip } from './rules/clipping.ts';
import { fixedThreshold, medianMultiple, pageHinkley } from './rules/thresholds.ts';

/** The rules that ours is compared with: those that people use, with the numbers they use them with, and one that was tried. */
export const alarmRules: readonly AlarmRule[] = [
  zClip,
  olmoCore,
  llmC,
  pageHinkley,
  medianMultiple,
  fixedThreshold(1, 'the norm at which gradients are usually clipped: grad_clip of verl, max_grad_norm of transformers and TRL'),
  fixedThreshold(10, 'rule of thumb: ten times the norm at which gradients are usually clipped'),
  changePointPosterior,
];
