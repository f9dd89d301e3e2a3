import type { EstimatorName } from '../estimators/estimator.ts';
import { counted, integerText, listText, quantityText } from '../notation.ts';
import type { EstimatorNoise, NoiseOptions } from './noise.ts';

interface Remarkable {
  readonly all: readonly EstimatorNoise[];
  readonly options: NoiseOptions;
  readonly leftOut: number;
  /** Trajectories of each prompt. */
  readonly groupSizes: readonly number[];
}

/** A proxy of which the two forms differ by less than this is one. */
const alike = 0.01;

/** What the study of the proxy has found. */
const limits =
  'All this is estimated from the rollouts, without a backward pass. Beside the true variance of the gradient, ratios of estimators are near the truth while a run is healthy and far off in a surge, and absolute sizes are far too small. A baseline that contains the reward of its own trajectory shrinks the gradient too, which is not taken out.';

/** What a reader of a report has to know of its numbers, a sentence or two each. */
export function noiseRemarks({ all, options, leftOut, groupSizes }: Remarkable): readonly string[] {
  return [
    ...leftOutRemark(leftOut, leftOut + groupSizes.reduce((sum, size) => sum + size, 0)),
    ...sizesRemark(groupSizes),
    ...signalRemark(all, options),
    ...scaleRemark(all),
    ...tokensRemark(all),
    limits,
  ];
}

function leftOutRemark(leftOut: number, of: number): readonly string[] {
  if (leftOut === 0) return [];
  const [lack, are] = leftOut === 1 ? ['lacks', 'is'] : ['lack', 'are'];
  return [
    `${integerText(leftOut)} of ${counted(of, 'trajectory', 'trajectories')} ${lack} a reward, or log-probabilities and Σπ² at every token, and ${are} left out.`,
  ];
}

function sizesRemark(sizes: readonly number[]): readonly string[] {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  if (most === 1) return ['No prompt has more than one trajectory, so that there is nothing to compare within a group.'];
  return least === most
    ? []
    : [
        `The prompts have ${integerText(least)} to ${integerText(most)} trajectories: some may be missing from the file, and baselines are computed from those in it.`,
      ];
}

function signalRemark(all: readonly EstimatorNoise[], { inUse, signal }: NoiseOptions): readonly string[] {
  const used = all.find(({ estimator }) => estimator === inUse);
  if (used === undefined) return ['It is not known which estimator the step was taken with, so there is nothing to compare with.'];
  if (used.power === 0)
    return [`Under ${used.estimator}, the estimator in use, every advantage of this step is 0: there is nothing to compare with.`];
  if (signal === null || !Number.isFinite(signal)) {
    return ['The gradient norm of this step is not known, so that power is not split into signal and noise.'];
  }
  if (used.signal !== null) {
    return [
      'Signal and noise are split as verl does it: the squared gradient norm, which is of the parameters, is set against a power that is not. In the networks that were measured, most of what this shows as signal was noise.',
    ];
  }
  return [
    `The squared gradient norm of this step is ${quantityText(signal)}, more than the power of ${quantityText(used.power)} under ${used.estimator}: the proxy is too small here to tell signal from noise.`,
  ];
}

function scaleRemark(all: readonly EstimatorNoise[]): readonly string[] {
  const scaled = all.filter(({ scale }) => Math.abs(scale - 1) > alike);
  if (scaled.length === 0) return [];
  return [
    'rloo, grpo, reinforce_plus_plus and reinforce_plus_plus_baseline do not only subtract a baseline, they multiply all advantages too, which makes gradient and noise larger alike. Ratios, bars and power are as if the gradient had the length that it has under the estimator in use.',
  ];
}

function tokensRemark(all: readonly EstimatorNoise[]): readonly string[] {
  const names = all.filter(({ power, totalPower }) => Math.abs(power - totalPower) > alike * Math.max(power, totalPower));
  if (names.length === 0) return [];
  return [
    `Under ${listText(names.map(({ estimator }): EstimatorName => estimator))} the tokens of a trajectory differ in their advantages. Power takes each by its own energy; the total power that runs log takes the mean advantage of a trajectory by all of its energy.`,
  ];
}
