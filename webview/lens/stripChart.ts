import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { estimatorStyles } from '../../src/core/figure/palette.ts';
import { quantityText } from '../../src/core/notation.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import type { Drawn, Frames } from '../chart/frames.ts';
import { html, setAttribute, setVisible } from '../dom.ts';
import type { Theme } from '../theme.ts';
import { valuesOf, type Coloring, type ValueAt } from './coloring.ts';

export interface StripActions {
  point(token: number | null): void;
  reveal(token: number): void;
}

interface Lane {
  readonly name: string;
  readonly lines: readonly { readonly values: ValueAt; readonly estimator: EstimatorName | null }[];
  readonly low: number;
  readonly high: number;
}

const laneNames = { accumulatedEnergy: 'W_t', baseline: 'B_t', advantage: 'A_t' } as const satisfies Partial<Record<Coloring, string>>;
const gutter = 74;
const gap = 8;

/** W_t, B_t and A_t along the tokens of a trajectory, one below the other, with the token that is pointed at. */
export class StripChart implements Drawn {
  private readonly canvas = html('canvas', { role: 'img' });
  private readonly cross = html('div', { class: 'strip-cross', hidden: true });
  readonly element = html('div', { class: 'strip' }, this.canvas, this.cross);
  private lanes: readonly Lane[] = [];
  private tokens = 0;
  private pointed: number | null = null;

  constructor(
    actions: StripActions,
    private readonly theme: Theme,
    private readonly frames: Frames,
  ) {
    new ResizeObserver(() => frames.request(this)).observe(this.element);
    theme.onChange(() => frames.request(this));
    this.element.addEventListener('pointermove', (event) => actions.point(this.tokenAt(event)));
    this.element.addEventListener('pointerleave', () => actions.point(null));
    this.element.addEventListener('click', (event) => {
      const token = this.tokenAt(event);
      if (token !== null) actions.reveal(token);
    });
  }

  show(trajectory: Trajectory | null, estimators: readonly EstimatorName[]): void {
    this.tokens = trajectory?.response.length ?? 0;
    this.lanes = trajectory?.isTokenized === true ? lanesOf(trajectory, estimators, this.tokens) : [];
    setVisible(this.element, this.lanes.length > 0);
    setAttribute(this.canvas, 'aria-label', this.lanes.map(laneText).join(' '));
    this.frames.request(this);
  }

  point(token: number | null): void {
    this.pointed = token;
    setVisible(this.cross, token !== null && this.lanes.length > 0);
    if (token !== null) this.cross.style.transform = `translateX(${this.xOf(token)}px)`;
  }

  draw(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    const context = this.canvas.getContext('2d');
    if (context === null || width === 0 || this.lanes.length === 0) return;
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    const laneHeight = (height - gap * (this.lanes.length + 1)) / this.lanes.length;
    this.lanes.forEach((lane, index) => this.drawLane(context, lane, gap + index * (laneHeight + gap), laneHeight, width));
    this.point(this.pointed);
  }

  private drawLane(context: CanvasRenderingContext2D, lane: Lane, top: number, height: number, width: number): void {
    const { colors } = this.theme;
    const span = lane.high - lane.low || 1;
    const yOf = (value: number): number => top + height - ((value - lane.low) / span) * height;
    context.font = `11px ${colors.fontFamily}`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillStyle = colors.muted;
    if (height > 22) {
      context.fillText(quantityText(lane.high), gutter - 6, top + 4);
      context.fillText(quantityText(lane.low), gutter - 6, top + height - 4);
    }
    context.textAlign = 'left';
    context.fillStyle = colors.ink;
    context.fillText(lane.name, 2, top + height / 2);
    context.strokeStyle = colors.axis;
    context.lineWidth = 1;
    context.beginPath();
    for (const value of lane.low < 0 && lane.high > 0 ? [0] : [lane.low]) {
      const y = Math.round(yOf(value)) + 0.5;
      context.moveTo(gutter, y);
      context.lineTo(width, y);
    }
    context.stroke();
    const pixels = Math.max(1, Math.floor(width - gutter - 2));
    lane.lines.forEach(({ values, estimator }, index) => {
      const style = estimator === null ? undefined : estimatorStyles([estimator]).get(estimator);
      context.strokeStyle = style === undefined ? colors.ink : this.theme.colorOf(style);
      context.lineWidth = this.theme.contrast ? 2 : 1.5;
      context.setLineDash(index > 0 ? [5, 3] : []);
      context.beginPath();
      let isOn = false;
      for (const [token, value] of extremes(values, this.tokens, pixels)) {
        // Over what a tool answered the line goes on: the baseline does not end there.
        if (Number.isNaN(value)) continue;
        const [x, y] = [this.xOf(token), yOf(value)];
        if (isOn) context.lineTo(x, y);
        else context.moveTo(x, y);
        isOn = true;
      }
      context.stroke();
    });
    context.setLineDash([]);
  }

  private xOf(token: number): number {
    return gutter + ((token + 0.5) / this.tokens) * Math.max(1, this.element.clientWidth - gutter - 2);
  }

  private tokenAt(event: MouseEvent): number | null {
    const { left, width } = this.element.getBoundingClientRect();
    const share = (event.clientX - left - gutter) / Math.max(1, width - gutter - 2);
    return share < 0 || share > 1 || this.tokens === 0 ? null : Math.min(this.tokens - 1, Math.floor(share * this.tokens));
  }
}

function lanesOf(trajectory: Trajectory, estimators: readonly EstimatorName[], tokens: number): readonly Lane[] {
  return (Object.keys(laneNames) as (keyof typeof laneNames)[]).flatMap((coloring) => {
    const ofEach = coloring === 'accumulatedEnergy' ? estimators.slice(0, 1) : estimators;
    const lines = ofEach.flatMap((estimator) => {
      const values = valuesOf(trajectory, coloring, estimator);
      return values === null ? [] : [{ values, estimator: coloring === 'accumulatedEnergy' ? null : estimator }];
    });
    let [low, high] = [0, 0];
    for (const { values } of lines)
      for (let token = 0; token < tokens; token++) {
        const value = values(token);
        if (value < low) low = value;
        if (value > high && value < Infinity) high = value;
      }
    return lines.length === 0 ? [] : [{ name: laneNames[coloring], lines, low, high }];
  });
}

function laneText({ name, low, high }: Lane): string {
  return `${name} along the trajectory, from ${quantityText(low)} to ${quantityText(high)}.`;
}

/** Of the tokens in a pixel the lowest and the highest value, so that nothing that sticks out is lost. */
function* extremes(values: ValueAt, tokens: number, pixels: number): Generator<readonly [token: number, value: number]> {
  const perPixel = Math.max(1, tokens / pixels);
  for (let from = 0, pixel = 1; from < tokens; pixel++) {
    const to = Math.min(tokens, Math.max(from + 1, Math.round(pixel * perPixel)));
    if (to === from + 1) yield [from, values(from)];
    else {
      let [low, high] = [NaN, NaN];
      for (let token = from; token < to; token++) {
        const value = values(token);
        if (!(value >= low)) low = Number.isNaN(value) ? low : value;
        if (!(value <= high)) high = Number.isNaN(value) ? high : value;
      }
      yield [from, low];
      if (high !== low) yield [from, high];
    }
    from = to;
  }
}
