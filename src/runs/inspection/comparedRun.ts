import { createCollapseDetector } from '../../core/collapse/detector.ts';
import type { ComparedRun } from '../../core/comparison/groups.ts';
import { runCurve, summarizeRun } from '../../core/comparison/runSummary.ts';
import type { CollapseEvent } from '../../core/records/events.ts';
import type { RunContents } from '../directory/readRun.ts';

/** A run directory as comparisons, figures and reports see it; the collapse detector looks at its metrics again. */
export function comparedRun({ dir, record, metrics }: RunContents): ComparedRun {
  const { estimator, seed, config } = record;
  const detector = createCollapseDetector({ estimator, maxGradNorm: config.optimizer.maxGradNorm });
  const records = [...metrics.records()];
  const events: CollapseEvent[] = records.flatMap(({ step, data }) => detector.update(step, data));
  const curve = runCurve(records);
  return { source: dir, summary: summarizeRun({ estimator, seed, curve, outcome: detector }), curve, config, events };
}
