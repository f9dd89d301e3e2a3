import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compareRuns } from '../../src/core/comparison/comparison.ts';
import { renderFigure } from '../../src/core/figure/figure.ts';
import { quantityText } from '../../src/core/notation.ts';
import { mean, median, standardDeviation } from '../../src/core/statistics/quantiles.ts';
import { code, groupTable, table, testTable } from '../document.ts';
import { comparable, powerReference } from './results.ts';
import type { TrlResults, TrlRun } from './results.ts';

/** Steps of a run of the whole study: with five seeds and two settings two hours on two cores. */
export const wholeSteps = 600;

/** With what the section begins, which is the last of its page. */
const heading = '## With TRL';

/** The section on TRL and its figures by file name. Every number in it comes from `results`, save those in `findings`: Markdown by hand. */
export function trlSection(
  { environment, settings }: TrlResults,
  findings: string,
): {
  readonly markdown: string;
  readonly figures: ReadonlyMap<string, string>;
} {
  const figures = new Map<string, string>();
  const seconds = settings.flatMap(({ runs }) => runs.map((run) => run.seconds ?? Number.NaN)).filter(Number.isFinite);
  const parts = [
    heading,
    "The same estimators in TRL's `GRPOTrainer`, made by `npm run study:trl`: a small Llama made from scratch plays the ledger as text and calls its calculator as a tool, whose answers TRL masks. A second run takes up where the first one stopped.",
    findings.trim(),
    table(['', ''], [...Object.entries(environment), ['time of a step', `${quantityText(median(seconds))} s`]]),
    `The second table of each setting has the gradient norm, and the total power, which stands for the variance (mean of Ā²·W over responses, Ā the mean advantage of one and W its energy), by those of \`${powerReference}\`: the median over steps of the norm by that of the run of the same seed; the median over steps of the total power by what \`${powerReference}\` would have had on the same rollouts; mean ± standard deviation over seeds. \`grpo\` divides by the standard deviation of the group, which makes both larger, and a step of Adam no longer.`,
  ];
  for (const { name, purpose, steps, seeds, runs } of settings) {
    const comparison = compareRuns(runs.map(comparable));
    figures.set(`${name}.svg`, renderFigure({ title: name, groups: comparison.groups }));
    const size = `Seeds ${seeds.join(', ')}, ${steps} steps a run${steps < wholeSteps ? `: less than the ${wholeSteps} of the whole study, so that what comes late is not in it` : ''}.`;
    parts.push(
      `### ${name}`,
      `${purpose} ${size}`,
      `![Gradient norm and score of every estimator under ${name}](study/${name}.svg)`,
      groupTable(comparison),
      ratioTable(runs),
      testTable(comparison),
      comparison.verdict.join(' '),
    );
  }
  return { markdown: parts.join('\n\n'), figures };
}

/** What the numbers mean: Markdown by hand. */
export function trlFindings(root: string): string {
  return readFileSync(path.join(root, 'study', 'trl', 'findings.md'), 'utf8');
}

/** A page with the section in the place of the one that it may have. */
export function withSection(page: string, section: string): string {
  const at = page.indexOf(`\n${heading}\n`);
  return `${(at < 0 ? page : page.slice(0, at)).trimEnd()}\n\n${section}\n`;
}

function ratioTable(runs: readonly TrlRun[]): string {
  const estimators = [...new Set(runs.map(({ estimator }) => estimator))];
  const rows = estimators.map((estimator) => {
    const own = runs.filter((run) => run.estimator === estimator);
    const norms = own.map((run) => {
      const reference = runs.find(({ estimator: name, seed }) => name === powerReference && seed === run.seed);
      return reference === undefined ? Number.NaN : medianNorm(run) / medianNorm(reference);
    });
    return [code(estimator), spread(norms), spread(own.map(({ powerRatio }) => powerRatio ?? Number.NaN))];
  });
  return table(['estimator', 'gradient norm', 'total power'], rows);
}

function medianNorm({ gradNorm }: TrlRun): number {
  return median(gradNorm.filter((norm) => !Number.isNaN(norm)));
}

function spread(values: readonly number[]): string {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? '–' : `${quantityText(mean(finite))} ± ${quantityText(standardDeviation(finite))}`;
}
