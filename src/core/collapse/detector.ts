import type { CollapseEvent, CollapseState } from '../records/events.ts';
import type { CollapseDetectorOptions } from './options.ts';
import type { Gap } from './sight.ts';
import { StreamingCollapseDetector } from './streamingDetector.ts';

/**
 * Watches one run for collapse: one `update` a step, in order, no look-ahead, constant memory.
 * States: unknown until there is a gradient norm, then healthy → spike → unstable → collapsed → recovered; silent while the norm is
 * exactly 0, unless the run has collapsed.
 */
export interface CollapseDetector {
  readonly state: CollapseState;
  /** Step at which the (latest) surge that became a collapse began; null: no collapse so far. */
  readonly onsetStep: number | null;
  /** Step at which that collapse was noticed. */
  readonly detectedStep: number | null;
  /** What a collapse is told from and the run does not log; empty: nothing. */
  readonly gaps: readonly Gap[];
  /** Feeds the metrics of one step; returns what changed, usually nothing. A missing metric is simply not there. */
  update(step: number, data: Readonly<Record<string, number>>): readonly CollapseEvent[];
}

/** A detector for one run, without anything to configure but the names of its metrics. */
export function createCollapseDetector(options: CollapseDetectorOptions = {}): CollapseDetector {
  return new StreamingCollapseDetector(options);
}
