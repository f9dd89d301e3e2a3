import type { MetricKeys } from '../records/metricRoles.ts';
import type { MetricTable } from '../records/metricTable.ts';
import { stepsBeforeStrays } from '../records/strays.ts';
import type { RunCurve } from './runSummary.ts';

/**
 * Copies gradient norm and score out of a run's metrics. A gradient norm that was logged as NaN counts as overflowed; NaN: not logged.
 * Steps that lie far beyond all others are left out: the last steps of the run are the others'.
 */
export function tableCurve(table: MetricTable, keys: MetricKeys): RunCurve {
  const length = stepsBeforeStrays(table.steps);
  const missing = (): Float64Array => new Float64Array(length).fill(Number.NaN);
  const norm = keys.gradNorm === undefined ? undefined : table.column(keys.gradNorm);
  const scores = keys.score === undefined ? undefined : table.column(keys.score);
  const gradNorm = norm?.values.slice(0, length).map((value, row) => (Number.isNaN(value) && norm.present?.[row] !== 0 ? Infinity : value));
  return {
    steps: table.steps.slice(0, length),
    gradNorm: gradNorm ?? missing(),
    score: scores?.values.slice(0, length) ?? missing(),
  };
}
