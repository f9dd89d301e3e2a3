import type { Theme } from '../theme.ts';
import type { ChartModel, Readout } from './chartModel.ts';
import { describeChart } from './description.ts';
import type { Drawn, Frames } from './frames.ts';
import { listenForGestures } from './gestures.ts';
import type { GestureTarget } from './gestures.ts';
import { clampRange, neighbour, outermost } from './navigation.ts';
import { drawOverlay } from './overlay.ts';
import { Plot } from './plot.ts';
import type { Picture } from './plot.ts';
import { readoutsAt } from './readouts.ts';
import { extent, SceneBuilder } from './scene.ts';
import type { Scene } from './scene.ts';

export interface LineChartEvents {
  /** The reader chose a horizontal range, in units of x; null: everything. The chart shows it when the model says so. */
  onRange(range: readonly [number, number] | null): void;
  /** The reader points at x; null: at nothing any more. The chart already shows it. */
  onCrosshair(x: number | null): void;
}

/**
 * One metric of some runs against step, tokens or time. `element` goes into the page and takes the size that the page gives it; it can
 * be focused and is worked by keyboard.
 */
export class LineChart implements Drawn {
  readonly element = document.createElement('div');
  readonly #canvas = document.createElement('canvas');
  readonly #overlay = document.createElement('canvas');
  readonly #theme: Theme;
  readonly #frames: Frames;
  readonly #events: LineChartEvents;
  readonly #plot: Plot;
  readonly #scenes = new SceneBuilder();
  readonly #lifetime = new AbortController();
  readonly #resizes = new ResizeObserver(() => this.#redraw());
  readonly #sightings = new IntersectionObserver((entries) => this.#see(entries.at(-1)?.isIntersecting ?? false), { rootMargin: '200px' });
  readonly #unsubscribe: () => void;
  #model: ChartModel | null = null;
  #scene: Scene | null = null;
  #stale = true;
  #visible = false;
  /** Range that was asked for since the last model: keys and wheels are faster than frames, and each goes on from the one before. */
  #asked: readonly [number, number] | null = null;
  #crosshair: number | null = null;
  #selection: readonly [number, number] | null = null;

  constructor(theme: Theme, frames: Frames, events: LineChartEvents) {
    this.#theme = theme;
    this.#frames = frames;
    this.#events = events;
    this.element.className = 'chart';
    this.element.tabIndex = 0;
    this.element.append(this.#canvas, this.#overlay);
    this.#plot = new Plot(this.#canvas);
    this.#unsubscribe = theme.onChange(() => this.#redraw());
    this.#resizes.observe(this.element);
    this.#sightings.observe(this.element);
    listenForGestures(this.element, this.#gestures(), this.#lifetime.signal);
  }

  /** Shows a model, and from now on whatever its columns hold when it is shown again. */
  show(model: ChartModel): void {
    this.#model = model;
    this.#asked = null;
    this.#redraw();
  }

  /** Stands a vertical line at x; null: none. */
  setCrosshair(x: number | null): void {
    if (x === this.#crosshair) return;
    this.#crosshair = x;
    this.#frames.request(this);
  }

  /** The values at x of every line that is shown. */
  readouts(x: number): readonly Readout[] {
    if (this.#scene === null || this.#model === null) return [];
    return readoutsAt(this.#scene, this.#model, x, this.#unitsPerPixel() / 2);
  }

  /** The chart in words, for those who cannot see it. */
  describe(): string {
    return this.#model === null ? '' : describeChart(this.#model);
  }

  /** A copy on its background, with `scale` pixels to a CSS pixel; null while there is nothing to draw. */
  toCanvas(scale: number): HTMLCanvasElement | null {
    // A chart that is out of sight was not drawn since the view changed.
    if (this.#stale) this.#scene = null;
    const picture = this.#picture(scale);
    if (picture === null) return null;
    const plain = document.createElement('canvas');
    const plot = new Plot(plain);
    plot.draw(picture);
    const canvas = document.createElement('canvas');
    canvas.width = plain.width;
    canvas.height = plain.height;
    const context = canvas.getContext('2d');
    if (context !== null) {
      context.fillStyle = picture.colors.background;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(plain, 0, 0);
    }
    plot.dispose();
    return canvas;
  }

  /** Draws what is due; for the frames. */
  draw(): void {
    if (!this.#visible || this.element.clientWidth === 0 || this.element.clientHeight === 0) return;
    if (this.#stale) {
      this.#scene = null;
      const picture = this.#picture(window.devicePixelRatio);
      if (picture === null) return;
      this.#plot.draw(picture);
      this.#stale = false;
    }
    this.#drawOverlay();
  }

  dispose(): void {
    this.#lifetime.abort();
    this.#resizes.disconnect();
    this.#sightings.disconnect();
    this.#unsubscribe();
    this.#frames.cancel(this);
    this.#plot.dispose();
    this.element.remove();
  }

  #redraw(): void {
    this.#stale = true;
    this.#frames.request(this);
  }

  #see(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#frames.request(this);
  }

  #picture(pixelRatio: number): Picture | null {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.#model === null || width === 0 || height === 0) return null;
    // As many columns as the whole element has pixels: a few more than there are between the axes, which chart.js lays out later.
    this.#scene ??= this.#scenes.build(this.#model, width);
    const { colors, kind } = this.#theme;
    const contrast = kind === 'high-contrast' || kind === 'high-contrast-light';
    return { model: this.#model, scene: this.#scene, colors, contrast, width, height, pixelRatio };
  }

  #drawOverlay(): void {
    const { area } = this.#plot;
    const scene = this.#scene;
    if (scene === null) return;
    const left = (x: number): number => area.left + ((x - scene.x[0]) / (scene.x[1] - scene.x[0])) * (area.right - area.left);
    const top = (y: number): number => area.bottom - ((y - scene.y[0]) / (scene.y[1] - scene.y[0])) * (area.bottom - area.top);
    const banded = new Set(scene.series.filter(({ band }) => band !== null).map(({ model }) => model.name));
    const dots = (this.#crosshair === null ? [] : this.readouts(this.#crosshair))
      .filter((readout) => readout.run === null || !banded.has(readout.series))
      .map(({ x, value, smoothed, color }) => ({ left: left(x), top: top(scene.log ? Math.log10(smoothed ?? value) : (smoothed ?? value)), color }))
      .filter((dot) => dot.left >= area.left && dot.left <= area.right && dot.top >= area.top && dot.top <= area.bottom);
    drawOverlay(this.#overlay, {
      area,
      crosshair: this.#crosshair === null ? null : left(this.#crosshair),
      dots,
      selection: this.#selection,
      colors: this.#theme.colors,
      width: this.element.clientWidth,
      height: this.element.clientHeight,
      pixelRatio: window.devicePixelRatio,
    });
  }

  #unitsPerPixel(): number {
    const { left, right } = this.#plot.area;
    const [from, to] = this.#scene?.x ?? [0, 1];
    return (to - from) / Math.max(1, right - left);
  }

  /** In units of x. */
  #xAt(left: number): number {
    return (this.#scene?.x[0] ?? 0) + (left - this.#plot.area.left) * this.#unitsPerPixel();
  }

  #point(x: number | null): void {
    this.setCrosshair(x);
    this.#events.onCrosshair(x);
  }

  /** The horizontal range that will be drawn next. */
  #range(): readonly [number, number] {
    if (this.#model === null) return [0, 1];
    return this.#asked ?? this.#model.xRange ?? extent(this.#model);
  }

  /** Asks for a range. */
  #look(from: number, to: number): void {
    if (this.#model === null) return;
    const [first, last] = extent(this.#model);
    this.#asked = clampRange(this.#model, from, to);
    this.#events.onRange(this.#asked[1] - this.#asked[0] >= last - first ? null : this.#asked);
  }

  #gestures(): GestureTarget {
    const isZoomed = (): boolean => this.#model?.xRange !== null;
    return {
      get zoomed() {
        return isZoomed();
      },
      point: (left) => {
        const { area } = this.#plot;
        this.#point(left === null || left < area.left || left > area.right ? null : this.#xAt(left));
      },
      select: (stretch) => {
        this.#selection = stretch;
        this.#frames.request(this);
      },
      zoomTo: ([from, to]) => {
        const { area } = this.#plot;
        this.#look(this.#xAt(Math.max(area.left, from)), this.#xAt(Math.min(area.right, to)));
      },
      zoom: (factor, left) => {
        const [from, to] = this.#range();
        const { area } = this.#plot;
        const centre = left === null ? (this.#crosshair ?? (from + to) / 2) : from + ((left - area.left) / (area.right - area.left)) * (to - from);
        this.#look(centre - (centre - from) * factor, centre + (to - centre) * factor);
      },
      pan: (pixels) => {
        const [from, to] = this.#range();
        const { area } = this.#plot;
        const shift = (pixels / (area.right - area.left)) * (to - from);
        this.#look(from + shift, to + shift);
      },
      reset: () => {
        this.#asked = this.#model === null ? null : extent(this.#model);
        this.#events.onRange(null);
      },
      step: (direction) => this.#step(direction),
      jump: (end) => {
        if (this.#scene !== null) this.#point(outermost(this.#scene, this.#range(), end));
      },
    };
  }

  /** Where there is no crosshair in sight, it comes in from the side. */
  #step(direction: -1 | 1): void {
    const scene = this.#scene;
    if (scene === null) return;
    const crosshair = this.#crosshair;
    const isInSight = crosshair !== null && crosshair >= scene.x[0] && crosshair <= scene.x[1];
    this.#point(isInSight ? neighbour(scene, crosshair, direction) : outermost(scene, scene.x, direction === 1 ? 'first' : 'last'));
  }
}
