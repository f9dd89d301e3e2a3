import { integerText, listText, quantityText } from '../notation.ts';
import type { MetricKeys } from '../records/metricRoles.ts';
import { defaultCollapseKeys } from './options.ts';
import type { Gap } from './sight.ts';
import type { Broken, Signs, Surge, Witness } from './signs.ts';

/** "792, 660 times its usual 1.2" */
function height({ gradNorm: { value, usual } }: Signs): string {
  const times = value / usual;
  // Below that it is no multiple that anybody would name, and above it none at all.
  if (!(times >= 1.05 && times < 1e15)) return `${quantityText(value)}, usually ${quantityText(usual)}`;
  return `${quantityText(value)}, ${times < 10 ? quantityText(Number(times.toPrecision(2))) : quantityText(Math.round(times))} times its usual ${quantityText(usual)}`;
}

export function describeSpike(signs: Signs, step: number): string {
  return `The gradient norm jumped at step ${integerText(step)} to ${height(signs)}.`;
}

/** The gradient norm stays high, from a step on. */
export function describeRise(signs: Signs, onsetStep: number): string {
  const { plateau } = signs;
  if (plateau.rose) {
    const rose = onsetStep < plateau.startedAt ? `rose from step ${integerText(onsetStep)} on and ` : '';
    return `The gradient norm ${rose}has been stuck at ${quantityText(plateau.value)} for ${plateau.duration} logged steps, since step ${integerText(plateau.startedAt)}; most values before were lower. It seems to be logged after clipping, which hides a surge.`;
  }
  return `The gradient norm has been high since step ${integerText(onsetStep)}: now ${height(signs)}.`;
}

/** The gradient norm surged, and there is next to no gradient since. */
export function describeVanishing({ gradNorm: { value, usual } }: Signs, { start, peak }: Surge): string {
  const now = value === 0 ? 'exactly 0' : quantityText(value);
  return `The gradient norm surged from step ${integerText(start)} on, from a usual ${quantityText(usual)} up to ${quantityText(peak)}, and has all but vanished since: it is ${now} now. There is no recent score that could tell more.`;
}

/** After a collapse of the score the gradient norm surges too. */
export function describeLaterSurge(signs: Signs, onsetStep: number): string {
  return `The collapsed run has become worse. ${describeRise(signs, onsetStep)}`;
}

/** The score falls; `onsetStep`: where what is told of it began. */
export function describeFall({ score }: Signs, step: number, onsetStep: number): string {
  const { currentLevel, bestLevel, firstLevel, currentCount } = score;
  const first = currentLevel < firstLevel ? `, below the ${quantityText(firstLevel)} that it began with` : '';
  const has =
    onsetStep < step ? `Since step ${integerText(onsetStep)} the score has fallen` : `At step ${integerText(onsetStep)} the score fell`;
  return `${has} from its best level ${quantityText(bestLevel)} to ${quantityText(currentLevel)}, the mean of its last ${currentCount} values${first}.`;
}

/** What else speaks for a collapse, or that nothing does, or that it cannot be seen. */
export function describeSupport(signs: Signs, step: number): string {
  const { surge, witness } = signs;
  if (surge !== null) return describeSurge(signs, surge);
  const calm = describeCalm(signs, step);
  return witness === null ? `${calm}.` : `The ${describeWitness(witness)}. ${calm}.`;
}

function describeSurge({ gradNorm, plateau }: Signs, { start, peak }: { readonly start: number; readonly peak: number }): string {
  const from = integerText(start);
  if (plateau.rose) {
    const stuck = `stuck at ${quantityText(plateau.value)}`;
    return start < plateau.startedAt
      ? `The gradient norm rose from step ${from} on and has been ${stuck} for ${plateau.duration} logged steps, as if logged after clipping.`
      : `The gradient norm has been ${stuck} since step ${from}, as if logged after clipping.`;
  }
  return `The gradient norm surged from step ${from} on, from a usual ${quantityText(gradNorm.usual)} up to ${quantityText(peak)}.`;
}

/** That the gradient norm did not surge, as far as it is logged; without a full stop. */
function describeCalm({ sight }: Signs, step: number): string {
  const last = sight.gradNormStep;
  if (last === null) return 'No gradient norm is logged, so a surge could not be seen';
  return `The gradient norm shows no clear surge${last < step ? ` up to step ${integerText(last)}, the last one at which it was logged as a number` : ''}`;
}

/** "entropy rose from a usual 0.1 to 0.6" */
export function describeWitness({ name, rise, offset }: Witness): string {
  // An offset that is taken away again leaves a rounding error where there is nothing.
  const [usual, now] = [rise.usual, rise.value].map((value) => (offset === 0 ? value : Number((value - offset).toFixed(12))));
  return `${name} rose from a usual ${quantityText(usual ?? 0)} to ${quantityText(now ?? 0)}`;
}

export function describePlateau({ plateau }: Signs): string {
  return `The gradient norm has been ${quantityText(plateau.value)} for ${plateau.duration} logged steps in a row, from step ${integerText(plateau.startedAt)} on, and not once higher: it seems to be logged after clipping, so a surge cannot be seen in it.`;
}

export function describeSilence({ silence }: Signs): string {
  const from = integerText(silence.startedAt);
  return silence.isFromTheFirst
    ? `The gradient norm is exactly 0 at every step, from step ${from} on: nothing is learned, or the metric is not filled.`
    : `The gradient norm has been exactly 0 since step ${from}, far longer than ever before: nothing is learned any more.`;
}

/** A metric is no finite number any more. */
export function describeBroken({ metric, value }: Broken, step: number, onsetStep: number): string {
  const what = Number.isNaN(value) ? 'not a number (NaN)' : 'infinite';
  const since = onsetStep < step ? ` The trouble began at step ${integerText(onsetStep)}.` : '';
  const why =
    metric === 'gradNorm' ? 'the arithmetic has overflowed, and the weights may be lost' : 'the weights may be lost, or the reward fails';
  return `The ${metric === 'gradNorm' ? 'gradient norm' : 'score'} is ${what} at step ${integerText(step)}: ${why}.${since}`;
}

/** @param quietSteps how many quiet steps it took. */
export function describeRecovery(signs: Signs, step: number, onsetStep: number, quietSteps: number): string {
  const over = `The collapse that began at step ${integerText(onsetStep)} seems to be over`;
  return `${over}: for ${quietSteps} logged steps nothing has looked wrong, ${scoreNow(signs)}, and ${gradNormNow(signs, step)}.`;
}

function scoreNow({ score, sight, scoreIsFresh }: Signs): string {
  if (sight.scoreStep === null) return 'no score is logged';
  if (!scoreIsFresh || !Number.isFinite(score.currentLevel)) return `the last score is that of step ${integerText(sight.scoreStep)}`;
  const level = `the score is at ${quantityText(score.currentLevel)}`;
  if (!Number.isFinite(score.bestLevel)) return level;
  return `${level}, its best level was ${quantityText(score.bestLevel)}`;
}

function gradNormNow({ gradNorm, sight }: Signs, step: number): string {
  if (sight.gradNormStep === null) return 'no gradient norm is logged';
  if (sight.gradNormStep < step) return `no gradient norm was logged as a number after step ${integerText(sight.gradNormStep)}`;
  return `the gradient norm is ${quantityText(gradNorm.value)}`;
}

/** A spike, an instability or a silence that has passed. */
export interface Trouble {
  readonly kind: 'spike' | 'unstable' | 'silent';
  readonly onsetStep: number;
  /** Whether the gradient norm was high meanwhile. */
  readonly rose: boolean;
  /** Whether the score fell meanwhile. */
  readonly fell: boolean;
}

const troubleNames = { spike: 'the spike at', unstable: 'the instability that began at', silent: 'the silence that began at' } as const;

export function describeSettled(signs: Signs, step: number, { kind, onsetStep, rose, fell }: Trouble): string {
  const after = `after ${troubleNames[kind]} step ${integerText(onsetStep)}`;
  const score = asSentence(scoreNow(signs));
  if (kind === 'silent') return `The gradient norm is ${quantityText(signs.gradNorm.value)}, no longer 0, ${after}.`;
  if (!rose) return `Nothing has looked wrong for a while ${after}. ${score}`;
  return `${gradNormSettled(signs, step)} ${after}.${fell ? ` ${score}` : ''}`;
}

function gradNormSettled(signs: Signs, step: number): string {
  const { gradNorm, sight } = signs;
  const { value, usual, deviations } = gradNorm;
  if (sight.gradNormStep !== step) return `Nothing has looked wrong for a while, though ${gradNormNow(signs, step)},`;
  if (!Number.isFinite(usual)) return `The gradient norm is ${quantityText(value)} and calm`;
  const isUsual = value > 0 && Math.abs(deviations) < 3;
  return isUsual
    ? `The gradient norm is back at its usual ${quantityText(usual)}`
    : `The gradient norm is ${quantityText(value)} now, usually ${quantityText(usual)},`;
}

/** The gradient norm stays at a new level, which is the usual one from now on; `steps`: for how many logged steps. */
export function describeNewLevel(signs: Signs, onsetStep: number, steps: number): string {
  const { plateau, gradNorm, scoreIsFresh, score } = signs;
  const level = plateau.rose ? `stuck at ${quantityText(plateau.value)}` : 'high without rising further';
  const now = plateau.rose ? '' : ` It is ${quantityText(gradNorm.value)} now.`;
  const harmless = scoreIsFresh && Number.isFinite(score.bestLevel) ? ', and the score has not fallen' : '';
  return `The gradient norm, which rose at step ${integerText(onsetStep)}, has been ${level} for ${steps} logged steps${harmless}: that counts as usual from now on.${now}`;
}

type Keys = Pick<MetricKeys, 'gradNorm' | 'score'>;

/**
 * What a run lacks, and what cannot be seen for it, as part of a sentence; empty: nothing.
 *
 * @param keys what it calls its gradient norm and its score; left out: no metric is known as that
 */
export function gapsText(gaps: readonly Gap[], keys: Keys = defaultCollapseKeys): string {
  if (gaps.some(({ of }) => of === 'steps')) return 'no step yet';
  if (gaps.length === 2 && gaps.every(({ since, isNoNumber }) => since === null && !isNoNumber)) {
    const { gradNorm, score } = keys;
    if (gradNorm !== undefined && score !== undefined) return `the run logs neither a gradient norm (${gradNorm}) nor a score (${score})`;
    if (gradNorm === undefined && score === undefined) return 'no metric is known as its gradient norm, and none as its score';
  }
  return gaps.map((gap) => gapText(gap, keys)).join('; ');
}

/** The same as a sentence of its own. */
export function gapsSentence(gaps: readonly Gap[], keys?: Keys): string {
  const text = gapsText(gaps, keys);
  return text === '' ? '' : asSentence(text);
}

function gapText({ of, since, isNoNumber }: Gap, keys: Keys): string {
  const isScore = of === 'score';
  const key = keys[of === 'score' ? 'score' : 'gradNorm'];
  const name = isScore ? 'score' : 'gradient norm';
  const metric = key === undefined ? name : `${name} (${key})`;
  const hidden = isScore ? 'a fall of the score' : 'a surge';
  if (since === null) {
    const missing = key === undefined ? `no metric is known as its ${name}` : `the run logs no ${metric}`;
    const lack = isNoNumber ? `the ${metric} is not a number at any step` : missing;
    return `${lack}, so ${hidden} cannot be seen`;
  }
  const lack = isNoNumber ? `the ${metric} is not a number` : `no ${metric} is logged`;
  return `${lack} after step ${integerText(since)}, so ${hidden} cannot be seen from there on`;
}

/** More would be a list to read. */
const mostNamed = 5;

/** The first few of many names: "a, b and 3 more". */
export function namesText(names: readonly string[]): string {
  const others = names.length - mostNamed;
  return listText(others <= 0 ? names : [...names.slice(0, mostNamed), `${others} more`]);
}

/** "a and b: The run logs no score (critic/score/mean), …", one for each sentence about what cannot be judged of runs. */
export function notJudgedTexts(runs: readonly { readonly name: string; readonly notJudged: string }[]): readonly string[] {
  const sentences = [...new Set(runs.map(({ notJudged }) => notJudged))].filter((sentence) => sentence !== '');
  return sentences.map((sentence) => {
    const names = runs.filter(({ notJudged }) => notJudged === sentence).map(({ name }) => name);
    return `${namesText(names)}: ${sentence}`;
  });
}

/** A clause as a sentence of its own. */
export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
