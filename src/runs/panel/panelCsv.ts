import type { RunIdentity } from '../../core/records/runIdentity.ts';
import type { MetricTable } from '../../core/records/metricTable.ts';
import { csvCell, csvRows } from '../export/metricLines.ts';

/** A run and what it logged. */
export interface RunMetrics {
  readonly identity: Pick<RunIdentity, 'id' | 'estimator' | 'seed'>;
  readonly metrics: MetricTable;
}

/** The metrics of several runs as one table: which run, then a column for each metric that any of them logs. Lines without newlines. */
export function* panelCsv(runs: readonly RunMetrics[]): Generator<string> {
  const keys = [...new Set(runs.flatMap(({ metrics }) => metrics.keys))];
  yield ['run', 'estimator', 'seed', 'step', 'time', ...keys].map(csvCell).join(',');
  for (const { identity, metrics } of runs) {
    const which = [csvCell(identity.id), csvCell(identity.estimator ?? ''), identity.seed ?? ''].join(',');
    for (const row of csvRows(metrics, keys)) yield `${which},${row}`;
  }
}
