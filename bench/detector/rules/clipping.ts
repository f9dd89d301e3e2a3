import type { AlarmRule } from '../labelledRun.ts';
import { alarmRule } from './reading.ts';

// Rules made to clip a gradient or to skip an update. Where they would, they alarm.

const zClipNumbers = { alpha: 0.97, threshold: 2.5, warmUp: 25, epsilon: 1e-6 } as const;

/**
 * Exponential mean and variance of the norm; what is more than 2.5 standard deviations above is clipped, the higher the further, and the
 * clipped norm is what the mean goes on with.
 */
export const zClip: AlarmRule = alarmRule(
  'ZClip',
  'arXiv 2504.02507; github.com/bluorion-com/ZClip, zclip/zclip.py: z 2.5, α 0.97, warm-up 25 steps, adaptive scaling',
  () => {
    const { alpha, threshold, warmUp, epsilon } = zClipNumbers;
    const first: number[] = [];
    let mean = Number.NaN;
    let variance = Number.NaN;
    return ({ norm }) => {
      if (first.length < warmUp) {
        first.push(norm);
        ({ mean, variance } = momentsOf(first, 0));
        return false;
      }
      const sigma = Math.sqrt(variance);
      const z = (norm - mean) / (sigma + epsilon);
      const spikes = z > threshold;
      const clipped = spikes ? mean + (threshold * sigma) / (z / threshold) : norm;
      mean = alpha * mean + (1 - alpha) * clipped;
      variance = alpha * variance + (1 - alpha) * (clipped - mean) ** 2;
      return spikes;
    };
  },
);

const olmoNumbers = { window: 128, fewest: 64, sigmas: 6 } as const;

/** The norm, or the loss, is more than six standard deviations above the mean of the 128 steps before. Skipped steps stay in the window. */
export const olmoCore: AlarmRule = alarmRule(
  'OLMo-core',
  'github.com/allenai/OLMo-core, src/olmo_core/optim/skip_step_optimizer.py at fa6c501: 128 steps, 6 σ, from half a window on; the negative score stands for the loss',
  () => {
    const isHigh = (): ((value: number) => boolean) => {
      const before = new RecentValues(olmoNumbers.window);
      return (value) => {
        const { mean, variance } = momentsOf(before.values, 1);
        const high = before.values.length + 1 >= olmoNumbers.fewest && value - mean > olmoNumbers.sigmas * Math.sqrt(variance);
        before.push(value);
        return high;
      };
    };
    return either(isHigh(), isHigh());
  },
);

const llmcNumbers = { window: 128, threshold: 7 } as const;

/**
 * The norm, or the loss, is more than seven standard deviations above the mean of 128 steps of which it is one, once there are so many. From
 * running sums, as there: what rounding leaves of a huge value stays in them.
 */
export const llmC: AlarmRule = alarmRule(
  'llm.c',
  'github.com/karpathy/llm.c, llmc/outlier_detector.h at f1e2ace: 128 steps; z 7 as in its scripts/run_gpt3_125M.sh (its default is off); the negative score stands for the loss',
  () => {
    const isHigh = (): ((value: number) => boolean) => {
      const { window, threshold } = llmcNumbers;
      const recent = new RecentValues(window);
      let sum = 0;
      let squares = 0;
      return (value) => {
        const oldest = recent.push(value);
        sum += value - (oldest ?? 0);
        squares += value * value - (oldest ?? 0) * (oldest ?? 0);
        if (oldest === undefined) return false;
        const mean = sum / window;
        return (value - mean) / Math.sqrt(squares / window - mean * mean) > threshold;
      };
    };
    return either(isHigh(), isHigh());
  },
);

/** Alarms when the norm is high, or a low score is. */
function either(normIsHigh: (value: number) => boolean, lossIsHigh: (value: number) => boolean) {
  return ({ norm, score }: { readonly norm: number; readonly score: number | undefined }): boolean => {
    const byNorm = normIsHigh(norm);
    return (score !== undefined && lossIsHigh(-score)) || byNorm;
  };
}

/** The last so many values, in no order. */
class RecentValues {
  readonly values: number[] = [];
  private next = 0;

  constructor(private readonly capacity: number) {}

  /** Returns the value that has to leave for this one; undefined: none. */
  push(value: number): number | undefined {
    const oldest = this.values[this.next];
    this.values[this.next] = value;
    this.next = (this.next + 1) % this.capacity;
    return oldest;
  }
}

/** Mean and variance; `degrees`: how many degrees of freedom the variance has less than there are values. In two passes: some values are huge. */
function momentsOf(values: readonly number[], degrees: 0 | 1): { readonly mean: number; readonly variance: number } {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, variance: squares / (values.length - degrees) };
}
