import { metricNames } from '../records/metricNames.ts';
import type { MetricTable } from '../records/metricTable.ts';
import type { RunCurve } from './runSummary.ts';

/** Copies gradient norm and score out of a run's metrics. A gradient norm that was logged as NaN counts as overflowed; NaN: not logged. */
export function tableCurve(table: MetricTable): RunCurve {
  const missing = (): Float64Array => new Float64Array(table.length).fill(Number.NaN);
  const norm = table.column(metricNames.gradNorm);
  const gradNorm = norm?.values.map((value, row) => (Number.isNaN(value) && norm.present?.[row] !== 0 ? Infinity : value));
  return {
    steps: table.steps.slice(),
    gradNorm: gradNorm ?? missing(),
    score: table.column(metricNames.score)?.values.slice() ?? missing(),
  };
}
