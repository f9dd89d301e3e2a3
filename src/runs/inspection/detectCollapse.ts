import { createCollapseDetector } from '../../core/collapse/detector.ts';
import type { CollapseDetector } from '../../core/collapse/detector.ts';
import { defaultCollapseKeys } from '../../core/collapse/options.ts';
import type { CollapseDetectorOptions } from '../../core/collapse/options.ts';
import type { CollapseRunEvent } from '../../core/records/events.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { stepsBeforeStrays } from '../../core/records/strays.ts';

export interface DetectedCollapse {
  /** As it is after the last step. */
  readonly detector: CollapseDetector;
  readonly events: readonly CollapseRunEvent[];
}

/** Runs the collapse detector over the metrics of a run, whatever it said while they were logged. */
export function detectCollapse(metrics: MetricTable, options: CollapseDetectorOptions): DetectedCollapse {
  const detector = createCollapseDetector(options);
  const watched = Object.values({ ...defaultCollapseKeys, ...options.keys });
  const events: CollapseRunEvent[] = [];
  // A step that is a time stamp would be millions of quiet steps.
  const { [stepsBeforeStrays(metrics.steps) - 1]: last = -Infinity } = metrics.steps;
  for (const { step, time, data } of metrics.records(watched)) {
    if (step > last) break;
    for (const event of detector.update(step, data)) events.push({ ...event, time });
  }
  return { detector, events };
}
