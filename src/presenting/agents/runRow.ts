import { isEstimatorName } from '../../core/estimators/registry.ts';
import { secondsLeft } from '../../core/records/progress.ts';
import { isForeign } from '../../core/records/runState.ts';
import { progressOf } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { measured } from './answer.ts';
import type { ReferredRun } from './runReferences.ts';
import { plainLine } from './untrustedText.ts';

const longestName = 60;

/** What every answer about a run begins with. */
export function identityKeys({ run, reference, group }: ReferredRun) {
  const { identity, process, exit, collapse } = run;
  return {
    run: reference,
    group,
    format: isForeign(run) && 'format' in identity ? identity.format : 'otb-run',
    estimator: knownEstimator(run),
    seed: identity.seed,
    process,
    ended: exit?.reason ?? null,
    state: collapse,
  };
}

/** Its estimator, where it is one of ours or goes by the same name; another name is a text like any other. */
export function knownEstimator({ identity: { estimator } }: RunOverview): string | null {
  return estimator !== null && isEstimatorName(estimator) ? estimator : null;
}

/** How far a run is. Null: not known. */
export function progressKeys(run: RunOverview) {
  return {
    step: run.step,
    planned_steps: run.identity.plannedSteps,
    steps_per_second: numberOrNull(run.stepsPerSecond),
    seconds_left: whole(secondsLeft(progressOf(run))),
  };
}

/** What people and programs call it. */
export function nameKeys(run: RunOverview) {
  const { name, label, estimator } = run.identity;
  return {
    name: plainLine(name, longestName),
    ...(label?.name !== undefined && { called: plainLine(label.name, longestName) }),
    ...(label?.tags !== undefined && { tags: label.tags.slice(0, 5).map((tag) => plainLine(tag, 30)) }),
    ...(run.group !== undefined && run.group.title !== name && { group_name: plainLine(run.group.title, longestName) }),
    ...(estimator !== null && knownEstimator(run) === null && { estimator: plainLine(estimator, longestName) }),
  };
}

/** NaN: not known. */
export function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : measured(value);
}

function whole(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null;
}
