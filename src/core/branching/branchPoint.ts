import type { EstimatorName } from '../estimators/estimator.ts';
import { integerText } from '../notation.ts';
import { collapseCall, hasSurge, isCollapse } from '../records/events.ts';
import type { CollapseEvent } from '../records/events.ts';

/** What a run that has collapsed goes on with, unless somebody says otherwise. */
export const branchEstimator: EstimatorName = 'tir_optimal_token_baseline';
/** Estimators against which that is no remedy: they are it, or the same for a single turn. */
const tokenBaselines: readonly string[] = [branchEstimator, 'optimal_token_baseline'] satisfies readonly EstimatorName[];

/** Whether a run with this estimator would not be another one with the usual estimator of branches. */
export function isTokenBaseline(estimator: string | null): boolean {
  return estimator !== null && tokenBaselines.includes(estimator);
}

/** A checkpoint to begin a branch from. */
export interface BranchPoint {
  readonly step: number;
  /** Why this one, to follow "step 120": "the last checkpoint before the gradient norm began to surge at step 131". */
  readonly why: string;
}

/** Why there is no such checkpoint. */
export interface NoBranchPoint {
  /** What is the matter, to follow "because". */
  readonly problem: string;
  /** What to do, as sentences. */
  readonly remedy: string;
}

/** A run as far as it decides where a branch of it begins. */
export interface BranchableRun {
  /** What the collapse detector has said of it, in order of step. */
  readonly events: readonly CollapseEvent[];
  /** Where its collapse began, and where it was noticed; null: it has not collapsed. */
  readonly onsetStep: number | null;
  readonly detectedStep: number | null;
  /** Steps of its checkpoints, ascending. */
  readonly checkpoints: readonly number[];
  /** How it comes to have some, or more, as a sentence. */
  readonly remedy: string;
}

/**
 * Where a branch begins of which nobody has said where: at the last checkpoint before the onset of the collapse, or of all where there was
 * none, at which the run was healthy.
 */
export function defaultBranchPoint({ events, onsetStep, detectedStep, checkpoints, remedy }: BranchableRun): BranchPoint | NoBranchPoint {
  if (checkpoints.length === 0) return { problem: noCheckpoint, remedy };
  const early = onsetStep === null ? checkpoints : checkpoints.filter((step) => step < onsetStep);
  const spans = unhealthySpans(events);
  const step = early.findLast((each) => spans.every(({ from, to }) => each < from || each >= to));
  const onset = onsetStep === null ? null : onsetWords(collapseCall(events, detectedStep), onsetStep);
  if (step === undefined) {
    const [first] = checkpoints as readonly [number, ...number[]];
    const when =
      onset === null ? 'while it was unstable' : onsetStep !== null && first >= onsetStep ? `after ${onset}` : `when it was not healthy`;
    const problem = `all its checkpoints were written ${when}, the first at step ${integerText(first)}`;
    return { problem, remedy: `Name one to branch from it all the same. ${remedy}` };
  }
  const last = early.at(-1) === step ? 'the last checkpoint' : 'the last healthy checkpoint';
  return { step, why: onset === null ? last : `${last} before ${onset}` };
}

/** Where a branch begins of which somebody has said where. */
export function chosenBranchPoint(
  step: number,
  { checkpoints, remedy }: Pick<BranchableRun, 'checkpoints' | 'remedy'>,
): BranchPoint | NoBranchPoint {
  if (checkpoints.includes(step)) return { step, why: 'the checkpoint that was named' };
  if (checkpoints.length === 0) return { problem: noCheckpoint, remedy };
  const before = checkpoints.findLast((each) => each < step);
  const after = checkpoints.find((each) => each > step);
  const nearest = [before, after].filter((each) => each !== undefined).map(integerText);
  const are = nearest.length === 1 ? 'The nearest is that' : 'The nearest are those';
  return { problem: `there is no checkpoint of step ${integerText(step)}`, remedy: `${are} of step ${nearest.join(' and ')}.` };
}

const noCheckpoint = 'there is no checkpoint to branch from';

/** "the gradient norm began to surge at step 131"; `call`: what called the collapse. */
function onsetWords(call: CollapseEvent | undefined, onsetStep: number): string {
  return `${call && hasSurge(call) ? 'the gradient norm began to surge' : 'its collapse began'} at step ${integerText(onsetStep)}`;
}

/** Steps from the onset of an instability to where it had passed. A spike is none, which passes by itself, and neither is silence. */
interface Span {
  readonly from: number;
  readonly to: number;
}

function unhealthySpans(events: readonly CollapseEvent[]): readonly Span[] {
  const spans: Span[] = [];
  let from: number | undefined;
  for (const event of events) {
    const { type, step, onsetStep } = event;
    if (isCollapse(event) || type === 'unstable') from = Math.min(from ?? Infinity, onsetStep);
    else if ((type === 'settled' || type === 'recovered') && from !== undefined) {
      spans.push({ from, to: step });
      from = undefined;
    }
  }
  return from === undefined ? spans : [...spans, { from, to: Infinity }];
}
