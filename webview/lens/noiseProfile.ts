import { axis } from '../../src/core/figure/axis.ts';
import type { Axis } from '../../src/core/figure/axis.ts';
import { palette } from '../../src/core/figure/palette.ts';
import type { EstimatorNoise } from '../../src/core/lens/noise.ts';
import { integerText, quantityText } from '../../src/core/notation.ts';
import { html, setAttribute, setVisible, svg } from '../dom.ts';
import { seriesMark, seriesMarker, setSeriesColor } from '../seriesMark.ts';

const height = 170;
const frame = { left: 52, right: 10, top: 8, bottom: 34 };
/** Between labels of the token axis, in pixels. */
const labelRoom = 58;

/** Where along the tokens the noise of some estimators comes from: a curve for each, and the same as a table. */
export class NoiseProfile {
  private readonly picture = html('div', { class: 'noise-picture' });
  private readonly legend = html('ul', { class: 'noise-legend' });
  private readonly numbers = html('div', { class: 'noise-table', role: 'region', 'aria-label': 'Power by tokens', tabindex: 0 });
  readonly element = html(
    'section',
    { class: 'noise-profile', 'aria-label': 'Noise along the tokens' },
    html('h3', {}, 'Where along the tokens it comes from'),
    this.legend,
    this.picture,
    html('details', {}, html('summary', {}, 'The same in numbers'), this.numbers),
  );
  private shown: readonly EstimatorNoise[] = [];
  private ends: readonly number[] = [];
  private width = 0;

  constructor() {
    new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width === this.width) return;
      this.width = width;
      this.draw();
    }).observe(this.picture);
  }

  show(shown: readonly EstimatorNoise[], ends: readonly number[]): void {
    this.shown = shown;
    this.ends = ends;
    setVisible(this.element, shown.length > 0);
    this.legend.replaceChildren(
      ...shown.map(({ estimator, byPosition }) =>
        html('li', {}, seriesMark({ style: palette[estimator], dash: [] }), `${estimator}${halfText(byPosition, ends)}`),
      ),
    );
    this.numbers.replaceChildren(this.table());
    this.draw();
  }

  private draw(): void {
    const { shown, ends, width } = this;
    if (width < 2 * frame.left || shown.length === 0) return this.picture.replaceChildren();
    const most = Math.max(...shown.flatMap((noise) => heightsOf(noise)));
    const y = axis('linear', [0, most > 0 ? most : 1], [height - frame.bottom, frame.top], 4);
    const x = (stretch: number): number => frame.left + ((width - frame.left - frame.right) * stretch) / ends.length;
    const names = shown.map(({ estimator }) => estimator).join(', ');
    const drawn = svg(
      'svg',
      { width, height, role: 'img', 'aria-label': `Power along the tokens under ${names}. The table below has the numbers.` },
      ...axes(y, x, ends, width),
      ...shown.map((noise) => curve(noise, x, y)),
      ...ends.map((_, stretch) => this.hoverArea(stretch, x)),
    );
    this.picture.replaceChildren(drawn);
  }

  /** Says the numbers of a stretch to a pointer that rests on it. */
  private hoverArea(stretch: number, x: (stretch: number) => number): SVGElement {
    const lines = this.shown.map((noise) => `${noise.estimator}: ${quantityText(heightsOf(noise)[stretch] ?? null)}`);
    const area = svg('rect', {
      class: 'noise-hover',
      x: x(stretch),
      width: x(stretch + 1) - x(stretch),
      y: 0,
      height: height - frame.bottom,
    });
    area.append(svg('title', {}, [`Tokens ${tokensText(this.ends, stretch)}`, ...lines].join('\n')));
    return area;
  }

  private table(): HTMLElement {
    const { shown, ends } = this;
    const head = html(
      'tr',
      {},
      html('th', { scope: 'col' }, 'Tokens'),
      ...shown.map(({ estimator }) => html('th', { scope: 'col', class: 'number' }, estimator)),
    );
    const rows = ends.map((_, stretch) =>
      html(
        'tr',
        {},
        html('th', { scope: 'row' }, tokensText(ends, stretch)),
        ...shown.map((noise) => html('td', { class: 'number' }, quantityText(heightsOf(noise)[stretch] ?? null))),
      ),
    );
    return html('table', {}, html('thead', {}, head), html('tbody', {}, ...rows));
  }
}

/** By stretch, as if the gradient had the length that it has under the estimator in use. */
function heightsOf({ byPosition, scale }: EstimatorNoise): readonly number[] {
  return byPosition.map((power) => power / scale ** 2);
}

/** "1–12": people count from 1. */
function tokensText(ends: readonly number[], stretch: number): string {
  const [first, last] = [(ends[stretch - 1] ?? 0) + 1, ends[stretch] ?? 0];
  return first === last ? integerText(first) : `${integerText(first)}–${integerText(last)}`;
}

/** ": half of it by token 36"; empty where there is none of it. */
function halfText(byPosition: readonly number[], ends: readonly number[]): string {
  const total = byPosition.reduce((sum, power) => sum + power, 0);
  let sum = 0;
  const half = byPosition.findIndex((power) => (sum += power) >= total / 2);
  return total > 0 && half >= 0 ? `: half of it by token ${integerText(ends[half] ?? 0)}` : '';
}

function axes(y: Axis, x: (stretch: number) => number, ends: readonly number[], width: number): SVGElement[] {
  const bottom = height - frame.bottom;
  const lines = y.ticks.flatMap(({ at, label }) => [
    svg('line', { class: 'noise-grid', x1: frame.left, x2: width - frame.right, y1: at, y2: at }),
    svg('text', { class: 'noise-label', x: frame.left - 6, y: at + 4, 'text-anchor': 'end' }, label),
  ]);
  // Between the stretches, as many as there is room for: the token with which one begins.
  const every = Math.ceil(labelRoom / Math.max(1, x(1) - x(0)));
  const starts = [1, ...ends.map((end) => end + 1)];
  const labels = starts
    .slice(0, -1)
    .flatMap((start, stretch) =>
      stretch % every === 0
        ? [
            svg(
              'text',
              { class: 'noise-label', x: x(stretch), y: bottom + 14, 'text-anchor': stretch === 0 ? 'start' : 'middle' },
              integerText(start),
            ),
          ]
        : [],
    );
  const title = svg(
    'text',
    { class: 'noise-label', x: (frame.left + width - frame.right) / 2, y: height - 5, 'text-anchor': 'middle' },
    'token that the policy chose',
  );
  return [...lines, ...labels, title];
}

function curve(noise: EstimatorNoise, x: (stretch: number) => number, y: Axis): SVGElement {
  const style = palette[noise.estimator];
  const points = heightsOf(noise).map((power, stretch) => ({ from: x(stretch), to: x(stretch + 1), at: y.position(power) }));
  const line = points.map(({ from, to, at }, index) => `${index === 0 ? 'M' : 'L'}${from},${at}H${to}`).join('');
  const marks = points.map(({ from, to, at }) => {
    const mark = seriesMarker(style, 30);
    setAttribute(mark, 'transform', `translate(${(from + to) / 2},${at})`);
    return mark;
  });
  const drawn = svg('g', {}, svg('path', { d: line, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8 }), ...marks);
  setSeriesColor(drawn, style);
  return drawn;
}
