import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { countText, counted, integerText, listText, quantityText, scoreText } from '../../src/core/notation.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import type { Drawn, Frames } from '../chart/frames.ts';
import { html, setAttribute, setText, setVisible } from '../dom.ts';
import type { Theme } from '../theme.ts';
import { aliveAt, align, isTokenBaseline, type Alignment } from './alignment.ts';
import { colorings, toneOf, valuesOf, type ColorRange, type Coloring, type ValueAt } from './coloring.ts';
import type { Tones } from './tones.ts';

export interface GroupActions {
  open(sequence: number): void;
}

export interface ShownGroup {
  readonly group: number;
  readonly trajectories: readonly Trajectory[];
  readonly opened: number;
  readonly coloring: Coloring;
  readonly estimator: EstimatorName;
  readonly range: ColorRange;
}

const rowHeight = 20;
const labelWidth = 92;
const axisHeight = 20;
/** Pixels to a token, beside as many as let all of them be seen. */
const zooms = [0, 2, 6, 14] as const;

/** The responses to one prompt, one a row, their tokens one below the other as the estimator compares them. */
export class GroupView implements Drawn {
  private readonly canvas = html('canvas', { role: 'img' });
  private readonly sizer = html('div', { class: 'group-sizer' });
  private readonly scroll = html(
    'div',
    { class: 'group-scroll', tabindex: 0, role: 'group', 'aria-label': 'Responses of the group, aligned by token' },
    this.canvas,
    this.sizer,
  );
  private readonly said = html('p', { class: 'group-said' });
  private readonly tail = html('p', { class: 'group-tail' });
  private readonly readout = html('p', { class: 'group-readout', role: 'status', 'aria-live': 'polite' });
  private readonly zoom = html('div', { class: 'group-zoom', role: 'group', 'aria-label': 'Width of a token' });
  readonly element = html('div', { class: 'group-view' }, this.said, this.tail, this.zoom, this.scroll, this.readout);
  private shown: ShownGroup | null = null;
  private alignment: Alignment | null = null;
  private values: readonly (ValueAt | null)[] = [];
  private pixelsPerToken = 0;
  private place: { readonly row: number; readonly place: number } | null = null;

  constructor(
    private readonly actions: GroupActions,
    private readonly tones: Tones,
    private readonly theme: Theme,
    private readonly frames: Frames,
  ) {
    for (const pixels of zooms) {
      const button = html(
        'button',
        { type: 'button', class: 'link', 'data-pixels': pixels },
        pixels === 0 ? 'All tokens' : `${pixels} pixels a token`,
      );
      button.addEventListener('click', () => {
        this.pixelsPerToken = pixels;
        this.frames.request(this);
      });
      this.zoom.append(button);
    }
    this.scroll.addEventListener('scroll', () => frames.request(this), { passive: true });
    new ResizeObserver(() => frames.request(this)).observe(this.scroll);
    theme.onChange(() => frames.request(this));
    this.scroll.addEventListener('pointermove', (event) => this.point(this.placeAt(event)));
    this.scroll.addEventListener('pointerleave', () => this.point(null));
    this.scroll.addEventListener('click', (event) => {
      const place = this.placeAt(event);
      const row = place === null ? undefined : this.alignment?.rows[place.row];
      if (row !== undefined) actions.open(row.trajectory.sequence);
    });
    this.scroll.addEventListener('keydown', (event) => this.key(event));
  }

  show(shown: ShownGroup | null): void {
    this.shown = shown;
    setVisible(this.element, shown !== null);
    if (shown === null) return;
    this.alignment = align(shown.trajectories, shown.estimator);
    this.values = shown.trajectories.map((trajectory) => valuesOf(trajectory, shown.coloring, shown.estimator));
    setText(this.said, groupText(shown, this.alignment));
    const tail = tailText(shown, this.alignment);
    setText(this.tail, tail);
    setVisible(this.tail, tail !== '');
    setAttribute(this.canvas, 'aria-label', `${groupText(shown, this.alignment)} ${tail}`);
    this.point(null);
    this.frames.request(this);
  }

  draw(): void {
    const { alignment, shown } = this;
    const { clientWidth: width, clientHeight: height } = this.scroll;
    const context = this.canvas.getContext('2d');
    if (alignment === null || shown === null || context === null || width === 0) return;
    const room = width - labelWidth;
    const perToken = this.pixelsPerToken || room / Math.max(1, alignment.length);
    this.sizer.style.width = `${labelWidth + (this.pixelsPerToken === 0 ? 0 : perToken * alignment.length)}px`;
    this.sizer.style.height = `${axisHeight + alignment.rows.length * rowHeight}px`;
    for (const button of this.zoom.children)
      setAttribute(button, 'aria-pressed', String(button.getAttribute('data-pixels') === String(this.pixelsPerToken)));
    const ratio = window.devicePixelRatio;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    context.scale(ratio, ratio);
    const { scrollLeft, scrollTop } = this.scroll;
    context.save();
    context.beginPath();
    context.rect(labelWidth, axisHeight, room, height);
    context.clip();
    alignment.rows.forEach((_, row) =>
      this.drawRow(context, row, { perToken, room, scrollLeft, top: axisHeight + row * rowHeight - scrollTop, height }),
    );
    context.restore();
    this.drawAxis(context, { perToken, room, scrollLeft });
    this.drawLabels(context, scrollTop);
    this.drawPlace(context, { perToken, scrollLeft, scrollTop, height });
  }

  private drawRow(
    context: CanvasRenderingContext2D,
    row: number,
    { perToken, room, scrollLeft, top, height }: { perToken: number; room: number; scrollLeft: number; top: number; height: number },
  ): void {
    const { shown, alignment } = this;
    const values = this.values[row];
    const aligned = alignment?.rows[row];
    if (shown === null || alignment === null || aligned === undefined || top > height || top < -rowHeight) return;
    const { tokens } = aligned;
    const { colors, contrast } = this.theme;
    const isWide = perToken >= 1;
    const from = Math.floor(scrollLeft / perToken);
    const to = Math.min(tokens.length, Math.ceil((scrollLeft + room) / perToken));
    const step = isWide ? 1 : 1 / perToken;
    for (let place = from; place < to; place += step) {
      const value =
        values === null || values === undefined
          ? NaN
          : farthest(values, tokens, Math.floor(place), Math.min(to, Math.max(Math.floor(place) + 1, Math.floor(place + step))));
      const x = labelWidth + place * perToken - scrollLeft;
      const width = isWide ? Math.max(1, perToken - (perToken > 4 ? 1 : 0)) : 1;
      const tone = toneOf(value, shown.range);
      context.fillStyle = tone === null ? colors.grid : this.tones.css(tone);
      context.fillRect(x, top + 1, width, rowHeight - 2);
      // Where colours cannot be relied on, how large a value is shows in the height of a bar, and its sign in where that begins.
      if (contrast && tone !== null && tone !== 0) {
        const bar = ((rowHeight - 4) / (shown.range.isDiverging ? 2 : 1)) * (Math.abs(tone) / 10);
        const base = shown.range.isDiverging ? top + rowHeight / 2 : top + rowHeight - 2;
        context.fillStyle = colors.ink;
        context.fillRect(x, tone > 0 ? base - bar : base, width, bar);
      }
    }
    const end = labelWidth + tokens.length * perToken - scrollLeft;
    context.fillStyle = colors.ink;
    context.fillRect(end, top + 1, 1.5, rowHeight - 2);
    if (alignment.zeroTail?.row === row) this.drawTail(context, labelWidth + alignment.zeroTail.from * perToken - scrollLeft, end, top);
  }

  /** Hatched: there is no baseline here. */
  private drawTail(context: CanvasRenderingContext2D, left: number, right: number, top: number): void {
    const { colors } = this.theme;
    context.save();
    context.beginPath();
    context.rect(left, top + 1, right - left, rowHeight - 2);
    context.clip();
    context.strokeStyle = colors.ink;
    context.globalAlpha = 0.55;
    context.lineWidth = 1;
    context.beginPath();
    const first = Math.max(left, labelWidth) - rowHeight;
    for (let x = first; x < Math.min(right, this.scroll.clientWidth); x += 6) {
      context.moveTo(x, top + rowHeight);
      context.lineTo(x + rowHeight, top);
    }
    context.stroke();
    context.restore();
  }

  private drawAxis(
    context: CanvasRenderingContext2D,
    { perToken, room, scrollLeft }: { perToken: number; room: number; scrollLeft: number },
  ): void {
    const { colors } = this.theme;
    const length = this.alignment?.length ?? 0;
    context.clearRect(0, 0, labelWidth + room, axisHeight);
    context.font = `11px ${colors.fontFamily}`;
    context.fillStyle = colors.muted;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    context.fillText(this.alignment?.by === 'chosen' ? 'Chosen token' : 'Token', 4, axisHeight / 2);
    const rough = 90 / perToken;
    const power = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
    const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? 10 * power);
    for (let place = Math.ceil(scrollLeft / perToken / step) * step; place <= length; place += step) {
      const x = labelWidth + place * perToken - scrollLeft;
      if (x > labelWidth + room - 24) break;
      context.fillRect(x, axisHeight - 4, 1, 4);
      context.fillText(integerText(place), x + 3, axisHeight / 2);
    }
  }

  private drawLabels(context: CanvasRenderingContext2D, scrollTop: number): void {
    const { colors } = this.theme;
    this.alignment?.rows.forEach(({ trajectory }, row) => {
      const top = axisHeight + row * rowHeight - scrollTop;
      if (top < axisHeight - rowHeight / 2) return;
      const isOpened = trajectory.sequence === this.shown?.opened;
      context.font = `${isOpened ? 'bold ' : ''}11px ${colors.fontFamily}`;
      context.fillStyle = colors.ink;
      context.fillText(`${isOpened ? '▸ ' : ''}#${trajectory.sequence}  ${scoreText(trajectory.reward)}`, 4, top + rowHeight / 2);
    });
  }

  private drawPlace(
    context: CanvasRenderingContext2D,
    { perToken, scrollLeft, scrollTop, height }: { perToken: number; scrollLeft: number; scrollTop: number; height: number },
  ): void {
    if (this.place === null) return;
    const x = labelWidth + (this.place.place + 0.5) * perToken - scrollLeft;
    if (x < labelWidth) return;
    const bottom = Math.min(height, axisHeight + (this.alignment?.rows.length ?? 0) * rowHeight - scrollTop);
    context.fillStyle = this.theme.colors.ink;
    context.fillRect(Math.round(x), axisHeight, 1, bottom - axisHeight);
  }

  private placeAt(event: MouseEvent): { readonly row: number; readonly place: number } | null {
    const { alignment } = this;
    if (alignment === null) return null;
    const { left, top } = this.scroll.getBoundingClientRect();
    const row = Math.floor((event.clientY - top - axisHeight + this.scroll.scrollTop) / rowHeight);
    const perToken = this.pixelsPerToken || (this.scroll.clientWidth - labelWidth) / Math.max(1, alignment.length);
    const place = Math.max(0, Math.floor((event.clientX - left - labelWidth + this.scroll.scrollLeft) / perToken));
    return row < 0 || row >= alignment.rows.length || place >= alignment.length ? null : { row, place };
  }

  private point(place: { readonly row: number; readonly place: number } | null): void {
    this.place = place;
    const { shown, alignment } = this;
    setText(
      this.readout,
      place === null || shown === null || alignment === null
        ? 'Point at a token, or go with the arrow keys, to see who is averaged over there.'
        : placeText(shown, alignment, place),
    );
    this.frames.request(this);
  }

  private key(event: KeyboardEvent): void {
    const { alignment } = this;
    if (alignment === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const { row, place } = this.place ?? { row: 0, place: -1 };
    const places: Readonly<Record<string, readonly [number, number]>> = {
      ArrowRight: [row, place + 1],
      ArrowLeft: [row, place - 1],
      ArrowDown: [row + 1, place],
      ArrowUp: [row - 1, place],
      Home: [row, 0],
      End: [row, alignment.length - 1],
    };
    const next = places[event.key];
    if (event.key === 'Enter') {
      const opened = alignment.rows[row];
      if (opened !== undefined) this.actions.open(opened.trajectory.sequence);
    } else if (next !== undefined)
      this.point({
        row: Math.max(0, Math.min(alignment.rows.length - 1, next[0])),
        place: Math.max(0, Math.min(alignment.length - 1, next[1])),
      });
    else return;
    event.preventDefault();
  }
}

/** Of several tokens the value that is farthest from 0. */
function farthest(values: ValueAt, tokens: Uint32Array, from: number, to: number): number {
  let found = NaN;
  for (let place = from; place < to; place++) {
    const value = values(tokens[place] ?? 0);
    if (!(Math.abs(value) <= Math.abs(found)) && !Number.isNaN(value)) found = value;
  }
  return found;
}

function groupText({ group, trajectories, estimator }: ShownGroup, { by }: Alignment): string {
  const aligned = by === 'chosen' ? 'by the tokens that the policy chose, as this estimator compares them' : 'by token of the response';
  const averaged = isTokenBaseline(estimator)
    ? 'The baseline at a token averages the responses that are still alive there.'
    : `The baseline of ${estimator} is one for a whole response: it does not compare tokens.`;
  return `Group ${group}: ${counted(trajectories.length, 'response')} to one prompt, aligned ${aligned}. ${averaged}`;
}

function tailText({ trajectories, estimator }: ShownGroup, { zeroTail, rows }: Alignment): string {
  if (zeroTail === null || !isTokenBaseline(estimator)) return '';
  const longest = rows[zeroTail.row]?.trajectory.sequence ?? 0;
  const nobody = trajectories.length === 1 ? 'it is alone in its group' : `all others have ended`;
  return `Zero tail: from token ${integerText(zeroTail.from)} on, hatched, #${longest} has baseline 0, because ${nobody}.`;
}

function placeText(
  { coloring, estimator }: ShownGroup,
  alignment: Alignment,
  { row, place }: { readonly row: number; readonly place: number },
): string {
  const alive = aliveAt(alignment, place);
  const aligned = alignment.rows[row];
  if (aligned === undefined) return '';
  const token = aligned.tokens[place];
  const { sequence } = aligned.trajectory;
  const value = token === undefined ? NaN : (valuesOf(aligned.trajectory, coloring, estimator)?.(token) ?? NaN);
  const own =
    token === undefined
      ? `#${sequence} has ended before.`
      : `#${sequence} has ${JSON.stringify(aligned.trajectory.response[token])}${Number.isNaN(value) ? '' : `, ${colorings[coloring]} ${quantityText(value)}`}.`;
  const some = alive.slice(0, 12).map(({ trajectory }) => `#${trajectory.sequence}`);
  const names = alive.length > some.length ? [...some, `${alive.length - some.length} more`] : some;
  const isTail = alignment.zeroTail?.row === row && place >= alignment.zeroTail.from;
  const who =
    alive.length === 0 ? 'none is alive here' : `${countText(alive.length, alignment.rows.length)} alive here: ${listText(names)}`;
  return `${alignment.by === 'chosen' ? 'Chosen token' : 'Token'} ${integerText(place)}: ${who}. ${own}${isTail ? ' It is in the zero tail: its baseline is 0.' : ''}`;
}
