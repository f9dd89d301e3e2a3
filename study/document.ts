import { compareRuns, type Comparison } from '../src/core/comparison/comparison.ts';
import type { ComparedRun, GroupSummary } from '../src/core/comparison/groups.ts';
import { countText, differenceText, integerText, pNumber, quantityText, scoreText } from '../src/core/notation.ts';
import { renderFigure } from '../src/core/figure/figure.ts';
import { renderLines } from '../src/core/figure/lines.ts';
import type { ExactBias } from './exactBias.ts';
import type { PolicyVariance } from './fixedPolicies.ts';

export interface StudyResults {
  readonly command: string;
  readonly seeds: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
  /** Hand-written Markdown: what the numbers mean. */
  readonly findings: string;
  readonly experiments: readonly { readonly preset: string; readonly purpose: string; readonly runs: readonly ComparedRun[] }[];
  readonly variance: readonly PolicyVariance[];
  readonly bias: readonly ExactBias[];
}

/** The study as Markdown and its figures by file name. Every number in it comes from `results`, save those in `findings`. */
export function studyDocument(results: StudyResults): { readonly markdown: string; readonly figures: ReadonlyMap<string, string> } {
  const figures = new Map<string, string>();
  const parts = [
    '# Study: what the baselines do',
    `Made by \`${results.command}\` (seeds ${results.seeds.join(', ')}); a second run takes up where the first one stopped.`,
    table(['', ''], Object.entries(results.environment)),
    results.findings.trim(),
    definitions,
  ];
  for (const { preset, purpose, runs } of results.experiments) {
    const comparison = compareRuns(runs);
    figures.set(`${preset}.svg`, renderFigure({ title: preset, groups: comparison.groups }));
    parts.push(
      `## ${preset}`,
      purpose,
      `![Gradient norm and score of every estimator under ${preset}](study/${preset}.svg)`,
      groupTable(comparison),
      testTable(comparison),
    );
    parts.push(comparison.verdict.join(' '));
  }
  parts.push(...varianceSection(results.variance, figures), ...biasSection(results.bias));
  return { markdown: `${parts.join('\n\n')}\n`, figures };
}

const definitions = `## How to read the tables

- *collapsed*: runs that the collapse detector called collapsed, with the 95 % Wilson interval of the rate; in brackets those that came back.
- *onset*: step at which the surge or decline began; median over the collapsed runs.
- *best score*: best mean over 20 steps; *final score*: mean over the last 50 steps; mean ± standard deviation over seeds.
- *gradient norm*: before clipping; median over runs of each run's median and of its maximum, then the largest of all.
- Tests pair runs by seed, which share the warm start. *p* are two-sided and Holm-adjusted within a preset; the interval is the 95 % bootstrap
  interval of the mean difference in final score, reference minus other.`;

export function groupTable({ groups }: Comparison): string {
  const row = ({ summary: s }: { summary: GroupSummary }): string[] => [
    code(s.label),
    `${countText(s.collapsed, s.count)} (${percent(s.collapseRateInterval.low)}–${percent(s.collapseRateInterval.high)})${s.recovered > 0 ? ` [${s.recovered}]` : ''}`,
    s.onsetStep === null ? '–' : integerText(s.onsetStep.median),
    s.bestScore === null ? '–' : `${scoreText(s.bestScore.mean)} ± ${scoreText(s.bestScore.std)}`,
    s.finalScore === null ? '–' : `${scoreText(s.finalScore.mean)} ± ${scoreText(s.finalScore.std)}`,
    quantityText(s.medianGradNorm),
    quantityText(s.maxGradNorm),
    quantityText(s.worstGradNorm),
  ];
  return table(['estimator', 'collapsed', 'onset', 'best score', 'final score', 'gradient norm: median', 'max', 'worst'], groups.map(row));
}

export function testTable({ reference, tests }: Comparison): string {
  if (reference === null || tests.length === 0) return '';
  const rows = tests.map(({ other, collapse, finalScore, survivors }) => [
    code(other),
    pNumber(collapse.fisher.adjusted),
    `${pNumber(collapse.mcnemar.adjusted)} (${collapse.mcnemar.onlyOther} : ${collapse.mcnemar.onlyReference})`,
    finalScore === null ? '–' : `${differenceText(finalScore.meanDifference)}${interval(finalScore.bootstrapInterval)}`,
    finalScore === null ? '–' : pNumber(finalScore.wilcoxon),
    survivors === null
      ? '–'
      : `${differenceText(survivors.meanDifference)}${interval(survivors.bootstrapInterval)}, n = ${survivors.pairs}`,
  ]);
  const heads = [
    `${code(reference.label)} against`,
    'collapse: Fisher p',
    'McNemar p (only other : only reference)',
    'final score difference',
    'Wilcoxon p',
    'difference where neither collapsed',
  ];
  return table(heads, rows);
}

function varianceSection(variance: readonly PolicyVariance[], figures: Map<string, string>): string[] {
  if (variance.length === 0) return [];
  const parts = [
    '## Gradient variance at fixed policies',
    `The policy stands still and the gradient of one group of N responses to one prompt is measured again and again (${variance[0]!.prompts} prompts × 32 responses, the true gradient of the parameters, no zero tail). *variance* is the trace of its covariance; divide by the number of prompts of a batch. A baseline that contains its own response shrinks the gradient: *scale* is ⟨E g, G⟩ / ‖G‖² with G the unbiased gradient (\`reinforce\` or \`rloo\` at N = 32, whichever scatters less; – where 200 prompts do not tell it from noise), and *corrected* is variance / scale², what is left once the gradient is scaled back up, as Adam does.`,
  ];
  variance.forEach(({ label, score, entropy, responseLength, rows }, index) => {
    const file = `variance-${index + 1}.svg`;
    const names = [...new Set(rows.map(({ estimator }) => estimator))];
    figures.set(
      file,
      renderLines({
        title: `Gradient variance at a fixed policy: ${label}`,
        description: `Trace of the covariance of the gradient of one group against the group size, per estimator, at ${label}.`,
        xTitle: 'group size N',
        yTitle: 'variance',
        xScale: 'log',
        yScale: 'log',
        xTicks: [4, 8, 16, 32],
        series: names.map((estimator) => ({
          estimator,
          points: rows.filter((row) => row.estimator === estimator).map(({ groupSize, variance: y }) => ({ x: groupSize, y })),
        })),
      }),
    );
    const cells = names.map((estimator) => {
      const own = rows.filter((row) => row.estimator === estimator);
      return [
        code(estimator),
        ...own.map((row) => quantityText(row.variance)),
        own.map(({ scale }) => (scale === null ? '–' : scale.toFixed(2))).join(' / '),
        ...own.map((row) => quantityText(row.corrected)),
      ];
    });
    parts.push(
      `### ${label}`,
      `Score ${scoreText(score)}, entropy ${entropy.toFixed(2)}, ${responseLength.toFixed(0)} response tokens.`,
      `![Gradient variance against group size at ${label}](study/${file})`,
      table(['estimator', 'variance: N = 4', '8', '16', '32', 'scale: N = 4 / 8 / 16 / 32', 'corrected: N = 4', '8', '16', '32'], cells),
    );
  });
  return parts;
}

function biasSection(bias: readonly ExactBias[]): string[] {
  const rows = bias.map(({ estimator, groupSize, scale, bias: error, cosine }) => [
    code(estimator),
    String(groupSize),
    scale.toFixed(4),
    error.toFixed(4),
    cosine.toFixed(4),
  ]);
  return [
    '## Exact bias on a task that can be enumerated',
    'A task with 40 possible responses: the expectation over all groups is computed, not sampled, and compared with the exact gradient G of the expected reward. `reinforce` and `rloo` are unbiased; `dr_grpo` is 1 − 1/N times the gradient; the optimal baselines contain the very response whose advantage they set, which shrinks the gradient and turns it a little.',
    table(['estimator', 'N', 'scale ⟨E g, G⟩/‖G‖²', 'bias ‖E g − G‖/‖G‖', 'cosine'], rows),
  ];
}

export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function interval(bounds: { readonly low: number; readonly high: number } | null): string {
  return bounds === null ? '' : ` [${differenceText(bounds.low)}, ${differenceText(bounds.high)}]`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

export function code(text: string): string {
  return `\`${text}\``;
}
