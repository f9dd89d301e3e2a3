import { gapsSentence } from '../../core/collapse/sentences.ts';
import type { ComparedRun } from '../../core/comparison/groups.ts';
import { summarizeRun } from '../../core/comparison/runSummary.ts';
import { tableCurve } from '../../core/comparison/tableCurve.ts';
import type { RunContents } from '../directory/readRun.ts';
import { detectCollapse } from './detectCollapse.ts';

/** A run directory as comparisons, figures and reports see it; the collapse detector looks at its metrics again. */
export function comparedRun({ dir, record, metrics }: RunContents): ComparedRun {
  const { estimator, seed, config } = record;
  const { detector, events } = detectCollapse(metrics, { estimator, maxGradNorm: config.optimizer.maxGradNorm });
  const curve = tableCurve(metrics);
  return {
    source: dir,
    summary: summarizeRun({ estimator, seed, curve, outcome: detector }),
    curve,
    config,
    events,
    notJudged: gapsSentence(detector.gaps),
  };
}
