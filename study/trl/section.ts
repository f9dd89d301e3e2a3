import { compareRuns } from '../../src/core/comparison/comparison.ts';
import { renderFigure } from '../../src/core/figure/figure.ts';
import { quantityText } from '../../src/core/notation.ts';
import { mean, median, standardDeviation } from '../../src/core/statistics/quantiles.ts';
import { code, groupTable, table, testTable } from '../document.ts';
import { comparable, powerReference } from './results.ts';
import type { TrlResults, TrlRun } from './results.ts';

/** With what the section begins, which is the last of its page. */
const heading = '## With TRL';

/** The section on TRL and its figure by file name. Every number in it comes from `results`. */
export function trlSection(results: TrlResults): { readonly markdown: string; readonly figures: ReadonlyMap<string, string> } {
  const { command, seeds, steps, wholeSteps, environment, runs } = results;
  const comparison = compareRuns(runs.map(comparable));
  const parts = [
    heading,
    `The same estimators in TRL's \`GRPOTrainer\`, as the preset \`trl-ledger\` has it: a small Llama made from scratch plays the ledger as text, calls its calculator as a tool, and what the calculator says is masked by TRL. Made by \`${command}\` (seeds ${seeds.join(', ')}; ${steps} steps a run); a second run takes up where the first one stopped.`,
    ...(steps < wholeSteps
      ? [`This is less than the whole study, \`npm run study:trl\`, whose runs take ${wholeSteps} steps: what comes late is not in it.`]
      : []),
    table(
      ['', ''],
      [...Object.entries(environment), ['time of a step', `${quantityText(median(runs.map(({ seconds }) => seconds ?? Number.NaN)))} s`]],
    ),
    '![Gradient norm and score of every estimator under trl-ledger](study/trl-ledger.svg)',
    groupTable(comparison),
    `The gradient norm, and the total power Σ A²·Σ(1 − 2π + Σπ²) that stands for the variance, by those of \`${powerReference}\`: the norm's median over steps by that of the run of the same seed, the total power by what \`${powerReference}\` would have had on the same rollouts, the median over steps; mean ± standard deviation over seeds. \`grpo\` divides by the standard deviation of the group, which makes both larger and no worse.`,
    ratioTable(runs),
    testTable(comparison),
    comparison.verdict.join(' '),
  ];
  return {
    markdown: parts.join('\n\n'),
    figures: new Map([['trl-ledger.svg', renderFigure({ title: 'trl-ledger', groups: comparison.groups })]]),
  };
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
