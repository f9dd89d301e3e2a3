import { metricNames } from '../../../src/core/records/metricNames.ts';
import type { CollapseState } from '../../../src/core/records/events.ts';
import type { KnownCollapse, LabelledRun, LoggedStep } from '../labelledRun.ts';
import { valuesOf } from './curve.ts';
import type { Curve } from './curve.ts';
import { Autocorrelated, Noise } from './noise.ts';
import { scoreOf } from './reward.ts';
import type { RewardKind } from './reward.ts';

/** What is true of a run, and how it is logged. Steps count from 1. */
export interface Plan {
  /** The group, without a space in it, then what tells the run from the others of the group. */
  readonly name: string;
  readonly length: number;
  /** Gradient norm without its noise, in units of the usual one. */
  readonly norm: Curve;
  /** What the policy is worth, 0 … 1, beyond only where the reward has no bounds. It decides about the collapse also where no score is logged. */
  readonly quality: Curve;
  /** Logarithm of the norm: standard deviation and autocorrelation from one step to the next. */
  readonly sigma: number;
  readonly phi: number;
  /** null: the score is not logged. */
  readonly score: ScoreLog | null;
  /** The usual gradient norm; left out: 0.4. */
  readonly usualNorm?: number;
  /** Norms above it are logged as this. */
  readonly clippedAt?: number;
  /** Single steps whose norm is so many times what it would be; none in the last `calmEnd` steps. */
  readonly spikes?: { readonly perThousand: number; readonly factor: number; readonly width: number };
  /** Share of the steps in which all rewards of every group are equal, so that the norm is exactly 0: at the first and at the last step. */
  readonly zeroShare?: readonly [number, number];
  /** From this step on the norm is exactly 0. */
  readonly silentFrom?: number;
  /** From this step on the norm or the score is logged as this. */
  readonly broken?: { readonly from: number; readonly norm?: number; readonly score?: number };
  /** Other metrics, without noise of their own. */
  readonly others?: Readonly<Record<string, Curve>>;
  /** Step at which what leads to the collapse begins; null: the run does not collapse. */
  readonly onset: number | null;
  readonly finalState: CollapseState;
}

export interface ScoreLog {
  readonly reward: RewardKind;
  /** Responses whose mean reward it is. */
  readonly samples: number;
  /** Slow ups and downs of what the prompts at hand are worth, apart from the policy: standard deviation in units of quality. */
  readonly wander?: { readonly sigma: number; readonly phi: number };
  /** Left out: at every step. */
  readonly every?: number;
  /** Whether steps without a score say NaN, as tables do. */
  readonly gapsAreNaN?: boolean;
  /** Whether the score is the same number to the last digit once the gradient is silent. */
  readonly freezes?: boolean;
}

/** A spike that has just happened would leave it to taste how the run ends. */
const calmEnd = 60;

/** Makes the run that was planned. Its noise comes from its name, so that it stays what it is when others come and go. */
export function makeRun(plan: Plan, half: LabelledRun['half']): LabelledRun {
  const seed = [half === 'tuning' ? 1 : 2, ...new TextEncoder().encode(plan.name)];
  const norms = loggedNorms(plan, new Noise(1, ...seed));
  const qualities = valuesOf(plan.quality, plan.length);
  const scores = loggedScores(plan, qualities, new Noise(2, ...seed));
  const others = Object.entries(plan.others ?? {}).map(([name, curve]) => ({ name, values: valuesOf(curve, plan.length, 'logarithmic') }));
  const noise = new Noise(3, ...seed);
  const steps: LoggedStep[] = [];
  for (let i = 0; i < plan.length; i++) {
    const data: Record<string, number> = { [metricNames.gradNorm]: norms[i]! };
    const score = scores(i + 1);
    if (score !== undefined) data[metricNames.score] = score;
    for (const { name, values } of others) data[name] = values[i]! * Math.exp(0.05 * noise.normal());
    steps.push({ step: i + 1, data });
  }
  const finalState = plan.finalState === 'healthy' && endsHigh(plan, norms) ? null : plan.finalState;
  return { name: plan.name, half, collapse: collapseOf(plan, qualities), finalState, steps };
}

/** Whether the noise has carried the last ten norms to over twice their level, so that nobody could say what will come of it. */
function endsHigh({ norm, usualNorm = 0.4, length, clippedAt }: Plan, norms: Float64Array): boolean {
  const level = usualNorm * valuesOf(norm, length, 'logarithmic')[length - 1]!;
  const last = norms.slice(-10).filter((value) => value > 0);
  const mean = Math.exp(last.reduce((sum, value) => sum + Math.log(value), 0) / last.length);
  return clippedAt === undefined && mean > 2 * level;
}

function loggedNorms(plan: Plan, noise: Noise): Float64Array {
  const { length, sigma, phi, usualNorm = 0.4, clippedAt = Number.POSITIVE_INFINITY, spikes, zeroShare, silentFrom, broken } = plan;
  const norms = valuesOf(plan.norm, length, 'logarithmic');
  const wander = new Autocorrelated(noise, phi);
  let spiking = 0;
  for (let i = 0; i < length; i++) {
    let norm = usualNorm * norms[i]! * Math.exp(sigma * wander.next());
    if (spikes !== undefined) {
      if (spiking === 0 && i < length - calmEnd && noise.chance(spikes.perThousand / 1000)) spiking = spikes.width;
      if (spiking > 0) norm *= spikes.factor;
      spiking = Math.max(0, spiking - 1);
    }
    norm = Math.min(norm, clippedAt);
    if (zeroShare !== undefined && noise.chance(zeroShare[0] + ((zeroShare[1] - zeroShare[0]) * i) / length)) norm = 0;
    if (silentFrom !== undefined && i + 1 >= silentFrom) norm = 0;
    if (broken?.norm !== undefined && i + 1 >= broken.from) norm = broken.norm;
    norms[i] = norm;
  }
  return norms;
}

/** The score by step; undefined where none is logged. To be asked for one step after the other. */
function loggedScores(plan: Plan, qualities: Float64Array, noise: Noise): (step: number) => number | undefined {
  const { score, silentFrom = Number.POSITIVE_INFINITY, broken } = plan;
  if (score === null) return () => undefined;
  const { reward, samples, wander, every = 1, gapsAreNaN = false, freezes = false } = score;
  const ups = new Autocorrelated(noise, wander?.phi ?? 0);
  return (step) => {
    const quality = qualities[step - 1]! + (wander === undefined ? 0 : wander.sigma * ups.next());
    if (step % every !== 0) return gapsAreNaN ? Number.NaN : undefined;
    if (broken?.score !== undefined && step >= broken.from) return broken.score;
    return scoreOf(reward, quality, freezes && step >= silentFrom ? Number.POSITIVE_INFINITY : samples, noise);
  };
}

/** What the best level must be above the first one to be called a gain. */
const leastGain = 0.15;

/**
 * When a run collapses: the first step at which the policy's true quality, without the noise of its measurement, has lost half of what
 * it had gained over its quality at the start. A run that starts at its best (or within 0.15 of it) has gained nothing; there it is half
 * of the way from the best down to the lowest quality that follows. A norm or a score that is a number no more has collapsed by then.
 */
function collapseOf(plan: Plan, qualities: Float64Array): KnownCollapse | null {
  if (plan.onset === null) return null;
  const step = Math.min(halvedAt(qualities) ?? Number.POSITIVE_INFINITY, plan.broken?.from ?? Number.POSITIVE_INFINITY);
  if (!(step >= plan.onset && step <= plan.length)) throw new Error(`${plan.name}: onset ${plan.onset}, but collapse ${step}`);
  return { step, onset: plan.onset };
}

/** Step by which half of the gain is lost; null: never. */
export function halvedAt(qualities: Float64Array): number | null {
  const first = qualities[0] ?? 0;
  const lowestAfter = new Float64Array(qualities.length);
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = qualities.length - 1; i >= 0; i--) {
    lowest = Math.min(lowest, qualities[i]!);
    lowestAfter[i] = lowest;
  }
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < qualities.length; i++) {
    if (qualities[i]! > best) best = qualities[i]!;
    const hasGained = best - first >= leastGain;
    const from = hasGained ? first : lowestAfter[i]!;
    if (best - from >= leastGain && qualities[i]! <= (best + from) / 2) return i + 1;
  }
  return null;
}
