import { createCollapseDetector } from '../../core/collapse/detector.ts';
import type { CollapseDetector } from '../../core/collapse/detector.ts';
import { defaultCollapseKeys } from '../../core/collapse/options.ts';
import type { CollapseRunEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import type { RunIdentity } from '../../core/records/runIdentity.ts';
import { stepsBeforeStrays } from '../../core/records/strays.ts';

export interface DetectedCollapse {
  /** As it is after the last step. */
  readonly detector: CollapseDetector;
  readonly events: readonly CollapseRunEvent[];
}

/** A collapse detector for a run, which knows its metrics by their names and its estimator, as far as these are known. */
export function detectorFor({ kind, metricKeys, estimator, maxGradNorm, sensitivity }: JudgedRun): CollapseDetector {
  const { gradNorm, score, entropy, responseLength, clipRatio } = metricKeys;
  return createCollapseDetector({
    keys: {
      ...(gradNorm !== undefined && { gradNorm }),
      ...(score !== undefined && { score }),
      ...(entropy !== undefined && { entropy }),
      ...(responseLength !== undefined && { responseLength }),
      ...(clipRatio !== undefined && { clipRatio }),
    },
    ...(estimator !== null && { estimator }),
    maxGradNorm,
    isForeign: kind !== 'builtin',
    ...(sensitivity !== undefined && { sensitivity }),
  });
}

/** What the detector has to know of a run. */
export type JudgedRun = Pick<RunIdentity, 'kind' | 'metricKeys' | 'estimator' | 'maxGradNorm' | 'sensitivity'>;

/** Runs the collapse detector over the metrics of a run, whatever it said while they were logged. */
export function detectCollapse(metrics: MetricTable, run: JudgedRun): DetectedCollapse {
  const detector = detectorFor(run);
  const watched = Object.values({ ...defaultCollapseKeys, ...run.metricKeys });
  const events: CollapseRunEvent[] = [];
  // A step that is a time stamp would be millions of quiet steps.
  const { [stepsBeforeStrays(metrics.steps) - 1]: last = -Infinity } = metrics.steps;
  for (const { step, time, data } of metrics.records(watched)) {
    if (step > last) break;
    for (const event of detector.update(step, data)) events.push({ ...event, time });
  }
  return { detector, events };
}
