import { integerText, quantityText, roundedQuantity } from '../notation.ts';
import type { CollapseDetectorOptions } from './options.ts';
import type { Signs } from './signs.ts';

/** A gradient norm so many times the usual is no common spike. */
const hugeJump = 100;

/** What to do about a spike depends on its size. */
export function spikeAdvice(options: CollapseDetectorOptions, signs: Signs): string {
  const { value, usual } = signs.gradNorm;
  const limit = options.maxGradNorm;
  if (typeof limit === 'number' && value > limit)
    return `Nothing to do: ${options.isForeign === true ? 'clipping' : 'optimizer.maxGradNorm'} cuts the step down to ${quantityText(limit)}. Watch whether the next steps stay high.`;
  if (value / usual < hugeJump)
    return 'Nothing to do: single spikes are common in healthy runs. Watch whether the next steps stay high or the score falls.';
  return `A step as large as this can undo what the policy has learned: watch ${watched(signs)}. In the next run, ${clipping(options, signs)}, so that no single step counts so much.`;
}

/** The highest gradient norm that still leaves usual steps alone, for optimizer.maxGradNorm; undefined: there is none to recommend. */
function recommendedMaxGradNorm(options: CollapseDetectorOptions, signs: Signs): number | undefined {
  const limit = roundedQuantity(2 * signs.gradNorm.usual);
  return Number.isFinite(limit) && limit > 0 && limit < presentLimit(options, signs) ? limit : undefined;
}

/** The norm at which the run clips, as it is configured or as the log betrays; infinite: it does not. */
function presentLimit({ maxGradNorm }: CollapseDetectorOptions, { plateau }: Signs): number {
  return Math.min(maxGradNorm ?? Infinity, plateau.active ? plateau.value : Infinity);
}

/** "set optimizer.maxGradNorm below 10, for example to 0.4, twice the usual norm" */
function clipping(options: CollapseDetectorOptions, signs: Signs): string {
  const limit = recommendedMaxGradNorm(options, signs);
  const present = presentLimit(options, signs);
  const below = Number.isFinite(present) ? ` below ${quantityText(present)}` : '';
  const [set, to] = options.isForeign === true ? ['clip the gradient norm', 'at'] : ['set optimizer.maxGradNorm', 'to'];
  return `${set}${below}${limit === undefined ? '' : `, for example ${to} ${limit}, twice the usual norm`}`;
}

const tokenBaseline = 'tir_optimal_token_baseline';

/** Of other programs verl has it, under the same name. */
function useOf(estimator: string, { isForeign }: CollapseDetectorOptions): string {
  return isForeign === true ? `use an optimal token baseline for the advantages (in verl: ${estimator})` : `use the estimator ${estimator}`;
}

/** What to change in the next run. Clipping is of use against a surge only. */
function changes(options: CollapseDetectorOptions, signs: Signs): string {
  const parts = [
    ...(options.estimator === tokenBaseline ? [] : [useOf(tokenBaseline, options)]),
    ...(signs.surge === null ? [] : [clipping(options, signs)]),
    options.isForeign === true ? 'lower the learning rate' : 'lower optimizer.learningRate',
  ];
  const last = parts.pop() ?? '';
  if (parts.length === 0) return last;
  return `${parts.join('; ')}${parts.length === 1 && signs.surge === null ? ',' : ';'} or ${last}`;
}

/** What to do about a collapsed run. Going on with it is of no use: its last checkpoint has the collapse in it. */
export function collapseAdvice(options: CollapseDetectorOptions, signs: Signs, onsetStep: number): string {
  return `Stop the run if it is still active, and ${anotherRun(options, signs, onsetStep)}.`;
}

export function unstableAdvice(options: CollapseDetectorOptions, signs: Signs, onsetStep: number): string {
  return `No collapse yet: watch ${watched(signs)}. Should it become one, stop the run and ${anotherRun(options, signs, onsetStep)}.`;
}

function anotherRun(options: CollapseDetectorOptions, signs: Signs, onsetStep: number): string {
  const how = onsetStep > 1 ? `that takes another course before step ${integerText(onsetStep)}` : 'with other settings';
  return `start a new one ${how}: ${changes(options, signs)}`;
}

export function laterSurgeAdvice(options: CollapseDetectorOptions, signs: Signs): string {
  return `Stop the run if it is still active. In the next one, ${clipping(options, signs)}.`;
}

export function plateauAdvice({ sight }: Signs): string {
  const until =
    sight.scoreStep === null
      ? 'Until then, and without a score, a collapse cannot be told'
      : 'Until then a collapse can only be told from the score';
  return `Log the gradient norm before clipping. ${until}.`;
}

export function silenceAdvice({ sight, silence }: Signs): string {
  const sameReward = 'Where all responses to a prompt get the same reward, every advantage is 0, and so is the gradient';
  if (!silence.isFromTheFirst)
    return sight.scoreStep === null
      ? `Check whether the rewards still differ. ${sameReward}.`
      : `Look at the score: if it has come to its highest or its lowest, all rewards are the same. ${sameReward}: then prompts of another difficulty or larger groups help. If it has not, check the reward function.`;
  const check = 'whether the metric is the gradient norm, and whether the parameters are trained at all';
  return sight.scoreStep === null ? `Check ${check}.` : `Check ${check}. ${sameReward}: then easier prompts or larger groups help.`;
}

export function recoveryAdvice({ sight }: Signs): string {
  const logged = [...(sight.gradNormStep === null ? [] : ['the gradient norm']), ...(sight.scoreStep === null ? [] : ['the score'])];
  return `A run that collapsed once may do so again: watch ${logged.length === 0 ? 'the next steps' : logged.join(' and ')}.`;
}

/** What tells best what becomes of trouble. */
function watched({ sight }: Signs): string {
  return sight.scoreStep === null ? 'the next steps' : 'the score';
}
