import { coordinate, element, fragment } from '../../src/core/figure/markup.ts';
import type { Markup } from '../../src/core/figure/markup.ts';
import type { LineContext } from '../chart/lines.ts';

interface Paint {
  fillStyle: LineContext['fillStyle'];
  strokeStyle: LineContext['strokeStyle'];
  lineWidth: number;
  globalAlpha: number;
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  dash: readonly number[];
  clip: string | null;
}

/** Takes what is drawn on a canvas and writes it as SVG: lines look the same in both because one function draws them. */
export class SvgContext implements LineContext {
  private paint: Paint = { fillStyle: '#000', strokeStyle: '#000', lineWidth: 1, globalAlpha: 1, lineCap: 'butt', lineJoin: 'miter', dash: [], clip: null };
  private readonly saved: Paint[] = [];
  private readonly drawn: Markup[] = [];
  private path: string[] = [];
  private clips = 0;

  /** `id`: unique in the document; names its clipping paths. */
  constructor(private readonly id: string) {}

  get markup(): Markup {
    return fragment(...this.drawn);
  }

  get fillStyle(): LineContext['fillStyle'] {
    return this.paint.fillStyle;
  }
  set fillStyle(value: LineContext['fillStyle']) {
    this.paint.fillStyle = value;
  }
  get strokeStyle(): LineContext['strokeStyle'] {
    return this.paint.strokeStyle;
  }
  set strokeStyle(value: LineContext['strokeStyle']) {
    this.paint.strokeStyle = value;
  }
  get lineWidth(): number {
    return this.paint.lineWidth;
  }
  set lineWidth(value: number) {
    this.paint.lineWidth = value;
  }
  get globalAlpha(): number {
    return this.paint.globalAlpha;
  }
  set globalAlpha(value: number) {
    this.paint.globalAlpha = value;
  }
  get lineCap(): CanvasLineCap {
    return this.paint.lineCap;
  }
  set lineCap(value: CanvasLineCap) {
    this.paint.lineCap = value;
  }
  get lineJoin(): CanvasLineJoin {
    return this.paint.lineJoin;
  }
  set lineJoin(value: CanvasLineJoin) {
    this.paint.lineJoin = value;
  }

  save(): void {
    this.saved.push({ ...this.paint });
  }

  restore(): void {
    this.paint = this.saved.pop() ?? this.paint;
  }

  setLineDash(segments: Iterable<number>): void {
    this.paint.dash = [...segments];
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
    this.paint.clip = clip;
  }

  stroke(): void {
    const { strokeStyle, lineWidth, lineCap, lineJoin, dash } = this.paint;
    const ends = { 'stroke-linecap': lineCap, 'stroke-linejoin': lineJoin, 'stroke-dasharray': dash.join(' ') || undefined };
    this.draw({ fill: 'none', stroke: String(strokeStyle), 'stroke-width': lineWidth, ...ends, 'stroke-opacity': String(this.paint.globalAlpha) });
  }

  fill(): void {
    this.draw({ fill: String(this.paint.fillStyle), 'fill-opacity': String(this.paint.globalAlpha) });
  }

  private draw(attributes: Readonly<Record<string, string | number | undefined>>): void {
    if (this.path.length === 0) return;
    const clip = this.paint.clip === null ? undefined : `url(#${this.paint.clip})`;
    this.drawn.push(element('path', { ...attributes, 'clip-path': clip, d: this.path.join('') }));
  }
}
