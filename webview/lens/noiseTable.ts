import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { palette } from '../../src/core/figure/palette.ts';
import { comparablePower } from '../../src/core/lens/noise.ts';
import type { EstimatorNoise } from '../../src/core/lens/noise.ts';
import { quantityText } from '../../src/core/notation.ts';
import { html, svg } from '../dom.ts';
import { seriesMark, setSeriesColor } from '../seriesMark.ts';

/** In units of the picture. */
const barWidth = 100;
const barHeight = 10;

interface Column {
  readonly heading: string;
  /** What it means, in a sentence. */
  readonly title: string;
  value(noise: EstimatorNoise): number | null;
}

/** All estimators with their power as a bar and in numbers, in the order given. A press on a name chooses it, or takes it back. */
export function noiseTable(
  rows: readonly EstimatorNoise[],
  inUse: EstimatorName | null,
  chosen: ReadonlySet<EstimatorName>,
  toggle: (name: EstimatorName) => void,
): HTMLElement {
  const isSplit = rows.some(({ signal }) => signal !== null);
  const first = inUse === null ? [] : [ratioColumn(inUse)];
  const columns: readonly Column[] = [
    {
      heading: 'Power',
      title: 'Mean over the trajectories of Σ A²·w over their tokens, at the length that the gradient has under the estimator in use',
      value: comparablePower,
    },
    ...(isSplit ? [signalColumn, noiseColumn] : []),
    {
      heading: 'Total power',
      title: 'Mean of Ā²·W(τ), as runs log it: the mean advantage of a trajectory by all of its energy',
      value: ({ totalPower }) => totalPower,
    },
  ];
  const most = Math.max(...rows.map(comparablePower));
  const head = html(
    'tr',
    {},
    html('th', { scope: 'col' }, 'Estimator'),
    ...first.map(heading),
    html('th', { scope: 'col' }, isSplit ? 'Signal and noise' : ''),
    ...columns.map(heading),
  );
  const body = rows.map((row) => {
    const { estimator } = row;
    const name = html(
      'button',
      {
        type: 'button',
        class: 'noise-choice',
        'aria-pressed': chosen.has(estimator) ? 'true' : 'false',
        title: `Show ${estimator} along the tokens`,
      },
      seriesMark({ style: palette[estimator], dash: [] }),
      estimator,
    );
    name.addEventListener('click', () => toggle(estimator));
    return html(
      'tr',
      { 'data-estimator': estimator, class: estimator === inUse ? 'is-in-use' : null },
      html('th', { scope: 'row' }, name, ...(estimator === inUse ? [html('span', { class: 'noise-in-use' }, 'in use')] : [])),
      ...cells(first, row),
      html('td', { class: 'noise-bar' }, bar(row, most)),
      ...cells(columns, row),
    );
  });
  return html('table', {}, html('thead', {}, head), html('tbody', {}, ...body));
}

function heading({ heading: text, title }: Column): HTMLElement {
  return html('th', { scope: 'col', class: 'number', title }, text);
}

function cells(columns: readonly Column[], row: EstimatorNoise): HTMLElement[] {
  return columns.map(({ value }) => html('td', { class: 'number' }, quantityText(value(row))));
}

function ratioColumn(inUse: EstimatorName): Column {
  return { heading: `× ${inUse}`, title: `Power over that of ${inUse}, the estimator in use`, value: ({ ratio }) => ratio };
}

const signalColumn: Column = {
  heading: 'Signal',
  title: 'Squared norm of the expected gradient, the same under every baseline',
  value: ({ signal }) => signal,
};

const noiseColumn: Column = {
  heading: 'Noise',
  title: 'Variance of the gradient of the step: (power − signal) over the number of trajectories',
  value: ({ noise }) => noise,
};

/** As long as the power is, its signal filled and its noise paler; the numbers beside it say the same. */
function bar(noise: EstimatorNoise, most: number): SVGElement {
  const length = most > 0 ? (barWidth * comparablePower(noise)) / most : 0;
  const ofSignal = noise.signal === null ? 0 : Math.min(length, (barWidth * noise.signal) / most);
  const part = (className: string, x: number, width: number): SVGElement =>
    svg('rect', { class: className, x, width, y: 0, height: barHeight });
  const picture = svg(
    'svg',
    { viewBox: `0 0 ${barWidth} ${barHeight}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    part('bar-noise', 0, length),
    part('bar-signal', 0, ofSignal),
  );
  setSeriesColor(picture, palette[noise.estimator]);
  return picture;
}
