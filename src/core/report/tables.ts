import type { ComparedRun, GroupSummary } from '../comparison/groups.ts';
import {
  counted,
  countText,
  differenceText,
  integerText,
  intervalText,
  percentText,
  pNumber,
  quantityText,
  scoreText,
  spreadText,
  valueText,
} from '../notation.ts';
import type { PairedTest, ScoreTest } from '../comparison/pairedTests.ts';
import { bestScoreSteps, finalScoreSteps } from '../comparison/runSummary.ts';
import type { Content, Markup } from '../figure/markup.ts';
import { table } from './table.ts';

/** Puts an estimator's colour and marker before its name. */
export type Named = (label: string, estimator: string) => Content;

export function groupTable(groups: readonly GroupSummary[], named: Named): Markup {
  const parameters = [...new Set(groups.flatMap((group) => Object.keys(group.parameters)))];
  return table(
    'By estimator, over seeds',
    [
      { heading: 'Estimator' },
      ...parameters.map((heading) => ({ heading })),
      { heading: 'Runs', numeric: true },
      { heading: 'Collapsed', hint: 'Runs that collapsed at any time, also those that recovered', numeric: true },
      { heading: 'Rate [95 %]', hint: 'With the Wilson interval', numeric: true },
      { heading: 'Onset step', hint: 'Median over collapsed runs (first to last)', numeric: true },
      { heading: 'Final score', hint: `Mean over the last ${finalScoreSteps} steps; mean ± standard deviation over runs`, numeric: true },
      {
        heading: 'Best score',
        hint: `Best mean over ${bestScoreSteps} steps in a row; mean ± standard deviation over runs`,
        numeric: true,
      },
      { heading: 'Median norm', hint: 'Median over runs of the median gradient norm', numeric: true },
      { heading: 'Max norm', hint: 'Highest gradient norm of any step of any run', numeric: true },
    ],
    groups.map((group) => [
      named(group.label, group.estimator),
      ...parameters.map((path) => valueText(group.parameters[path])),
      String(group.count),
      group.recovered === 0 ? String(group.collapsed) : `${group.collapsed} (${group.recovered} recovered)`,
      `${percentText(group.collapseRate)} [${percentText(group.collapseRateInterval.low)}, ${percentText(group.collapseRateInterval.high)}]`,
      onsetText(group),
      spreadText(group.finalScore, group.count),
      spreadText(group.bestScore, group.count),
      quantityText(group.medianGradNorm),
      quantityText(group.worstGradNorm),
    ]),
  );
}

export function testTable(tests: readonly PairedTest[]): Markup {
  const reference = tests[0]?.reference ?? '';
  return table(
    testCaption(reference, tests),
    [
      { heading: 'Against' },
      { heading: 'Collapsed', hint: `${reference} : other`, numeric: true },
      {
        heading: 'Fisher p, adjusted',
        hint: 'Fisher’s exact test over all runs, Holm-adjusted for the number of comparisons',
        numeric: true,
      },
      {
        heading: 'McNemar p, adjusted',
        hint: `McNemar’s exact test over shared seeds, Holm-adjusted; in brackets the seeds on which only ${reference} : only the other collapsed`,
        numeric: true,
      },
      { heading: 'Final score', hint: 'Mean difference with its 95 % t interval', numeric: true },
      { heading: 'Bootstrap', hint: '95 % percentile interval of the same, 10,000 resamples', numeric: true },
      {
        heading: 'Wilcoxon p, not adjusted',
        hint: 'Signed-rank test of the same, not adjusted for the number of comparisons',
        numeric: true,
      },
      { heading: 'Neither collapsed', hint: 'The same difference over the seeds on which neither run collapsed (how many)', numeric: true },
    ],
    tests.map(({ other, collapse, finalScore, survivors }) => [
      other,
      `${countText(collapse.reference.count, collapse.reference.of)} : ${countText(collapse.other.count, collapse.other.of)}`,
      pNumber(collapse.fisher.adjusted),
      `${pNumber(collapse.mcnemar.adjusted)} (${collapse.mcnemar.onlyReference} : ${collapse.mcnemar.onlyOther})`,
      differenceCell(finalScore),
      finalScore?.bootstrapInterval ? intervalText(finalScore.bootstrapInterval) : '–',
      finalScore === null || finalScore.pairs < 2 ? '–' : pNumber(finalScore.wilcoxon),
      survivors === null ? '–' : `${differenceCell(survivors)} (${survivors.pairs})`,
    ]),
  );
}

/** `repeated`: runs that count in no other table, because others of the same config and seed do. */
export function runTable(runs: readonly ComparedRun[], repeated: readonly ComparedRun[], named: Named): Markup {
  return table(
    'Every run, by estimator and seed',
    [
      { heading: 'Estimator' },
      { heading: 'Seed', numeric: true },
      { heading: 'Steps', numeric: true },
      { heading: 'State' },
      { heading: 'Onset', numeric: true },
      { heading: 'Noticed', numeric: true },
      { heading: 'Final score', numeric: true },
      { heading: 'Best score', numeric: true },
      { heading: 'Median norm', numeric: true },
      { heading: 'Max norm', numeric: true },
    ],
    [...runs, ...repeated].map((run) => [
      named(run.summary.estimator, run.summary.estimator),
      repeated.includes(run) ? `${run.summary.seed} (repeat)` : String(run.summary.seed),
      String(run.summary.steps),
      run.summary.state,
      run.summary.onsetStep === null ? '–' : String(run.summary.onsetStep),
      run.summary.detectedStep === null ? '–' : String(run.summary.detectedStep),
      scoreText(run.summary.finalScore),
      scoreText(run.summary.bestScore),
      quantityText(run.summary.medianGradNorm),
      quantityText(run.summary.maxGradNorm),
    ]),
  );
}

/** From so many pairs on, a two-sided test that looks at their signs or ranks can come below 0.05: 2 · 0.5⁶ is 0.03. */
const leastPairs = 6;

function testCaption(reference: string, tests: readonly PairedTest[]): string {
  const adjusted =
    tests.length === 1
      ? 'With one comparison none is adjusted'
      : `Fisher’s and McNemar’s are Holm-adjusted for ${tests.length} comparisons, Wilcoxon’s and the intervals are not`;
  const most = Math.max(...tests.map(({ pairs }) => pairs));
  const few =
    most >= leastPairs
      ? ''
      : ` With ${most === 0 ? 'no shared seed' : counted(most, 'shared seed')} McNemar’s and Wilcoxon’s p cannot be below 0.05: that takes ${leastPairs} or more.`;
  return `${reference} against each of the others. All p values are two-sided. ${adjusted}. Differences are ${reference} minus the other, paired by seed.${few}`;
}

function onsetText({ onsetStep, collapsed }: GroupSummary): string {
  if (onsetStep === null) return '–';
  const median = integerText(onsetStep.median);
  return collapsed === 1 ? median : `${median} (${onsetStep.min}–${onsetStep.max})`;
}

function differenceCell(test: ScoreTest | null): string {
  if (test === null) return '–';
  const interval = test.tInterval === null ? '' : ` ${intervalText(test.tInterval)}`;
  return `${differenceText(test.meanDifference)}${interval}`;
}
