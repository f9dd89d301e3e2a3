import { notJudgedTexts } from '../core/collapse/sentences.ts';
import { integerText, quantityText, spreadText } from '../core/notation.ts';
import type { Comparison } from '../core/comparison/comparison.ts';
import { bestScoreSteps, finalScoreSteps } from '../core/comparison/runSummary.ts';
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

/** How the numbers of the table are defined. */
const footnote =
  `Onset: median over the runs that collapsed. Scores: mean ± standard deviation over runs; best: highest mean over ${bestScoreSteps} steps ` +
  `in a row, final: mean over the last ${finalScoreSteps} steps. Norm: median over runs of each run's median; max norm: highest of all.`;

/** The comparison by estimator, how its numbers are defined, and what they mean in sentences. */
export function describeComparison({ groups, verdict }: Comparison, output: Output): string {
  const rows = groups.map(({ summary }) => [
    summary.label,
    String(summary.count),
    summary.collapsed === 0 ? '0' : output.paint('red', String(summary.collapsed)),
    integerText(summary.onsetStep?.median ?? null),
    spreadText(summary.bestScore, summary.count),
    spreadText(summary.finalScore, summary.count),
    quantityText(summary.medianGradNorm),
    quantityText(summary.worstGradNorm),
  ]);
  const table = formatTable(columns, rows, output.width);
  const runs = groups.flatMap((group) => group.runs);
  const notes = notJudgedTexts(runs.map(({ summary, notJudged }) => ({ name: `${summary.estimator} seed ${summary.seed}`, notJudged })));
  const paragraphs = [verdict, notes].filter((lines) => lines.length > 0).map((lines) => wrap(lines.join('\n'), output.width));
  return [`${table}\n${output.paint('dim', wrap(footnote, output.width))}`, ...paragraphs].join('\n\n');
}
