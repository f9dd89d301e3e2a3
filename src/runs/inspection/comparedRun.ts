import { gapsSentence } from '../../core/collapse/sentences.ts';
import type { ComparedRun } from '../../core/comparison/groups.ts';
import { summarizeRun } from '../../core/comparison/runSummary.ts';
import { tableCurve } from '../../core/comparison/tableCurve.ts';
import { comparedAs, expectedKeys } from '../../core/records/runIdentity.ts';
import { notesIn } from '../../core/records/stepNotes.ts';
import type { SourceContents } from '../sources/readSource.ts';
import { placeId } from '../sources/runPlace.ts';
import { detectCollapse } from './detectCollapse.ts';

/** A run as comparisons, figures and reports see it; the collapse detector looks at its metrics again. */
export function comparedRun({
  place,
  identity,
  metrics,
  events: written = [],
}: Pick<SourceContents, 'place' | 'identity' | 'metrics'> & Partial<Pick<SourceContents, 'events'>>): ComparedRun {
  const { seed, config, metricKeys, id, branchedFrom } = identity;
  const { detector, events } = detectCollapse(metrics, identity);
  const curve = tableCurve(metrics, metricKeys);
  return {
    source: placeId(place),
    summary: summarizeRun({ estimator: comparedAs(identity), seed, curve, outcome: detector, after: branchedFrom?.step ?? null }),
    curve,
    config,
    vocabulary: identity.kind === 'foreign' ? identity.format : '',
    events,
    notes: notesIn(written),
    notJudged: gapsSentence(detector.gaps, expectedKeys(identity)),
    id,
    ...(branchedFrom && { branchedFrom }),
  };
}
