import { RollingMedian } from '../../../src/core/series/rollingMedian.ts';
import type { AlarmRule } from '../labelledRun.ts';
import { alarmRule } from './reading.ts';

/** How often a run's own median is too often: what people look for by eye. */
export const medianMultiple: AlarmRule = alarmRule(
  '5 × median',
  'rule of thumb: the norm is over 5 × the median of the 60 steps before, of at least 20',
  () => {
    const before = new RollingMedian(60);
    return ({ norm }) => {
      const high = before.size >= 20 && norm > 5 * before.median;
      before.push(norm);
      return high;
    };
  },
);

/** A number that is the same for all runs. */
export function fixedThreshold(threshold: number, source: string): AlarmRule {
  return alarmRule(
    `norm > ${threshold}`,
    source,
    () =>
      ({ norm }) =>
        norm > threshold,
  );
}

const pageHinkleyNumbers = { fewest: 30, delta: 0.005, threshold: 50, forgetting: 0.9999 } as const;

/**
 * How far the logarithm of the norm is above its running mean, summed, is over a threshold. After an alarm it begins anew. A norm of 0
 * has no logarithm and is left out.
 */
export const pageHinkley: AlarmRule = alarmRule(
  'Page-Hinkley',
  'Page, Biometrika 41 (1954); github.com/online-ml/river, river/drift/page_hinkley.py: δ 0.005, λ 50, α 0.9999, from the 30th value on; of the logarithm of the norm',
  () => {
    const { fewest, delta, threshold, forgetting } = pageHinkleyNumbers;
    let count = 0;
    let mean = 0;
    let sum = 0;
    return ({ norm }) => {
      if (norm <= 0) return false;
      count += 1;
      const value = Math.log(norm);
      mean += (value - mean) / count;
      sum = Math.max(0, forgetting * sum + value - mean - delta);
      const changed = count >= fewest - 1 && sum >= threshold;
      if (changed) [count, mean, sum] = [0, 0, 0];
      return changed;
    };
  },
);
