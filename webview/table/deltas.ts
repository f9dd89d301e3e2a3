import { differenceText, quantityText } from '../../src/core/notation.ts';
import type { PanelRun, RunNumbers } from '../../src/core/panel/panelRun.ts';
import { mean, median } from '../../src/core/statistics/quantiles.ts';
import type { ChosenBaseline } from '../comparedWith.ts';

/** How a number of the run table compares with that of a baseline: scores are subtracted, norms divided. */
const compared = {
  score: 'difference',
  bestScore: 'difference',
  finalScore: 'difference',
  gradNorm: 'ratio',
  medianGradNorm: 'ratio',
  maxGradNorm: 'ratio',
} as const satisfies Partial<Record<keyof RunNumbers, 'difference' | 'ratio'>>;

export type ComparedNumber = keyof typeof compared;

/** What the rows of a run table are compared with. */
export interface TableBaseline {
  readonly label: string;
  /** Ids of its runs. */
  readonly runs: ReadonlySet<string>;
  /** Of several runs the mean, of norms the median; null: none of them has it. */
  readonly numbers: Readonly<Record<ComparedNumber, number | null>>;
}

export function tableBaseline({ label, runs }: ChosenBaseline): TableBaseline {
  const numbers = Object.entries(compared).map(([name, as]) => {
    const values = runs.flatMap(({ numbers }) => numbers[name as ComparedNumber] ?? []);
    return [name, values.length === 0 ? null : as === 'difference' ? mean(values) : median(values)] as const;
  });
  return {
    label,
    runs: new Set(runs.map(({ id }) => id)),
    numbers: Object.fromEntries(numbers) as TableBaseline['numbers'],
  };
}

/** "+0.05", "×3.2": a number of a run beside that of the baseline; empty where there is nothing to compare, or the run is all of the baseline. */
export function deltaText({ id, numbers }: PanelRun, name: ComparedNumber, baseline: TableBaseline): string {
  if (baseline.runs.has(id) && baseline.runs.size === 1) return '';
  const value = numbers[name] ?? null;
  const of = baseline.numbers[name];
  if (value === null || of === null || !isCounted(value) || !isCounted(of)) return '';
  if (compared[name] === 'difference') return differenceText(value - of);
  return of > 0 ? `×${quantityText(value / of)}` : '';
}

/** What overflowed arrives as the largest number there is: it is no times anything. */
function isCounted(value: number): boolean {
  return Math.abs(value) < Number.MAX_VALUE;
}

/** The runs of the baseline first, then the others, each in their order. */
export function baselineFirst(runs: readonly PanelRun[], baseline: TableBaseline | null): readonly PanelRun[] {
  if (baseline === null) return runs;
  const isIn = ({ id }: PanelRun): boolean => baseline.runs.has(id);
  return [...runs.filter(isIn), ...runs.filter((run) => !isIn(run))];
}
