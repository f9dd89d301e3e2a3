import { coordinate, element, fragment } from '../../src/core/figure/markup.ts';
import type { Markup } from '../../src/core/figure/markup.ts';
import type { TextContext } from '../chart/onsets.ts';

type Paint = Pick<
  SvgContext,
  'fillStyle' | 'strokeStyle' | 'lineWidth' | 'lineCap' | 'lineJoin' | 'globalAlpha' | 'font' | 'textAlign' | 'dash' | 'clipId'
>;

/** Takes what is drawn on a canvas and writes it as SVG: lines look the same in both because one function draws them. */
export class SvgContext implements TextContext {
  fillStyle: TextContext['fillStyle'] = '#000';
  strokeStyle: TextContext['strokeStyle'] = '#000';
  lineWidth = 1;
  lineCap: CanvasLineCap = 'butt';
  lineJoin: CanvasLineJoin = 'miter';
  globalAlpha = 1;
  font = '10px';
  textAlign: CanvasTextAlign = 'start';
  dash: readonly number[] = [];
  clipId: string | null = null;
  private readonly saved: Paint[] = [];
  private readonly drawn: Markup[] = [];
  private path: string[] = [];
  private clips = 0;

  /** `id`: unique in the document; names its clipping paths. */
  constructor(private readonly id: string) {}

  get markup(): Markup {
    return fragment(...this.drawn);
  }

  save(): void {
    const { fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font, textAlign, dash, clipId } = this;
    this.saved.push({ fillStyle, strokeStyle, lineWidth, lineCap, lineJoin, globalAlpha, font, textAlign, dash, clipId });
  }

  restore(): void {
    Object.assign(this, this.saved.pop());
  }

  setLineDash(segments: Iterable<number>): void {
    this.dash = [...segments];
  }

  beginPath(): void {
    this.path = [];
  }

  moveTo(x: number, y: number): void {
    this.path.push(`M${coordinate(x)},${coordinate(y)}`);
  }

  lineTo(x: number, y: number): void {
    // As on a canvas, the first point of a path only begins it.
    this.path.push(`${this.path.length === 0 ? 'M' : 'L'}${coordinate(x)},${coordinate(y)}`);
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.path.push(`M${coordinate(x)},${coordinate(y)}h${coordinate(width)}v${coordinate(height)}h${coordinate(-width)}z`);
  }

  clip(): void {
    const clip = `${this.id}-clip-${++this.clips}`;
    this.drawn.push(element('clipPath', { id: clip }, element('path', { d: this.path.join('') })));
    this.clipId = clip;
  }

  stroke(): void {
    const { strokeStyle, lineWidth, lineCap, lineJoin, dash } = this;
    const ends = { 'stroke-linecap': lineCap, 'stroke-linejoin': lineJoin, 'stroke-dasharray': dash.join(' ') || undefined };
    this.draw({
      fill: 'none',
      stroke: String(strokeStyle),
      'stroke-width': lineWidth,
      ...ends,
      'stroke-opacity': String(this.globalAlpha),
    });
  }

  fill(): void {
    this.draw({ fill: String(this.fillStyle), 'fill-opacity': String(this.globalAlpha) });
  }

  /** In the font family of the document. */
  fillText(text: string, x: number, y: number): void {
    const [size] = /[\d.]+(?=px)/.exec(this.font) ?? [];
    const anchor = this.textAlign === 'center' ? 'middle' : 'start';
    this.drawn.push(element('text', { x, y, 'text-anchor': anchor, 'font-size': size, fill: String(this.fillStyle) }, text));
  }

  private draw(attributes: Readonly<Record<string, string | number | undefined>>): void {
    if (this.path.length === 0) return;
    const clip = this.clipId === null ? undefined : `url(#${this.clipId})`;
    this.drawn.push(element('path', { ...attributes, 'clip-path': clip, d: this.path.join('') }));
  }
}
