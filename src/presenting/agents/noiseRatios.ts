import { estimatorNames } from '../../core/estimators/estimator.ts';
import { estimatorPowerMetric, metricNames } from '../../core/records/metricNames.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { medianInPlace } from '../../core/statistics/selection.ts';

/** Steps that are looked at: their median is the same to two digits as that of all. */
const mostSteps = 1000;

/** How noisy the gradient of a run would have been under other estimators. */
export interface NoiseRatios {
  /** The steps that it is about. */
  readonly steps: readonly [first: number, last: number];
  /** By estimator, the least first: the median over the steps of its total power over that of the estimator in use. */
  readonly ratios: readonly (readonly [estimator: string, ratio: number])[];
}

/**
 * From what the run has logged of each estimator on the same rollouts; undefined where it has not. Of a run that collapsed the steps
 * before the onset: afterwards the ratios are those of a broken policy.
 */
export function noiseRatios(table: MetricTable, inUse: string | null, onsetStep: number | null): NoiseRatios | undefined {
  const used = table.column(metricNames.totalPower) ?? (inUse === null ? undefined : table.column(estimatorPowerMetric(inUse)));
  if (!used) return undefined;
  const before = onsetStep === null ? 0 : table.rowsBefore(onsetStep);
  const rows = before > 0 ? before : table.length;
  const stride = Math.max(1, Math.ceil(rows / mostSteps));
  const ratios = estimatorNames.flatMap((estimator): [string, number][] => {
    const other = estimator === inUse ? undefined : table.column(estimatorPowerMetric(estimator));
    if (!other) return [];
    const values = new Float64Array(Math.ceil(rows / stride));
    let count = 0;
    for (let row = 0; row < rows; row += stride) {
      const ratio = (other.values[row] as number) / (used.values[row] as number);
      if (Number.isFinite(ratio)) values[count++] = ratio;
    }
    return count === 0 ? [] : [[estimator, medianInPlace(values, count)]];
  });
  if (ratios.length === 0) return undefined;
  const { steps } = table;
  return { steps: [steps[0] as number, steps[rows - 1] as number], ratios: ratios.sort(([, a], [, b]) => a - b) };
}
