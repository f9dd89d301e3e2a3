import { integerText, quantityText, scoreText } from '../core/notation.ts';
import type { Comparison } from '../core/comparison/comparison.ts';
import type { MeanAndSpread } from '../core/comparison/groups.ts';
import type { Output } from './output.ts';
import type { Column } from './table.ts';
import { formatTable } from './table.ts';
import { wrap } from './wrap.ts';

const columns: readonly Column[] = [
  { title: 'estimator', align: 'left' },
  { title: 'runs', align: 'right' },
  { title: 'collapsed', align: 'right' },
  { title: 'onset', align: 'right' },
  { title: 'best score', align: 'right' },
  { title: 'final score', align: 'right' },
  { title: 'norm', align: 'right' },
  { title: 'max norm', align: 'right' },
];

/**
 * The comparison by estimator and what it means in sentences below. Scores are mean ± standard deviation over seeds; onset, norm
 * and max norm are medians over runs of the onset step and of each run's median and highest gradient norm.
 */
export function describeComparison({ groups, verdict }: Comparison, output: Output): string {
  const rows = groups.map(({ summary }) => [
    summary.label,
    String(summary.count),
    summary.collapsed === 0 ? '0' : output.paint('red', String(summary.collapsed)),
    integerText(summary.onsetStep?.median ?? null),
    spread(summary.bestScore, summary.count),
    spread(summary.finalScore, summary.count),
    quantityText(summary.medianGradNorm),
    quantityText(summary.maxGradNorm),
  ]);
  return `${formatTable(columns, rows, output.width)}\n\n${wrap(verdict.join('\n'), output.width)}`;
}

function spread(value: MeanAndSpread | null, runs: number): string {
  if (value === null) return '–';
  return runs > 1 ? `${scoreText(value.mean)} ± ${scoreText(value.std)}` : scoreText(value.mean);
}
