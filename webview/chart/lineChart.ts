import { lanedRange } from '../../src/core/panel/lanes.ts';
import type { Theme } from '../theme.ts';
import type { ChartModel, Reading } from './chartModel.ts';
import type { AxisRoom } from './axisRoom.ts';
import { describeChart } from './description.ts';
import type { Drawn, Frames } from './frames.ts';
import { listenForGestures } from './gestures.ts';
import type { GestureTarget } from './gestures.ts';
import { clampRange, neighbour, outermost } from './navigation.ts';
import { drawOverlay } from './overlay.ts';
import type { Picture } from './picture.ts';
import { Plot } from './plot.ts';
import { Projection } from './projection.ts';
import { readingAt } from './readouts.ts';
import { SceneBuilder } from './scene.ts';
import type { Scene } from './scene.ts';

export interface LineChartEvents {
  /** The reader chose a horizontal range, in units of x; null: everything. The chart shows it when the model says so. */
  onRange(range: readonly [number, number] | null): void;
  /** The reader points at x; null: at nothing any more. The chart already shows it. */
  onCrosshair(x: number | null): void;
  /** The reader wants the crosshair to stay at x, or lets go of it. */
  onPin(x: number, isPinned: boolean): void;
  /** Something is to be noted about what stands at the crosshair. */
  onNote(): void;
  /** What stands at the crosshair was drawn; null: there is no crosshair. */
  onReading(reading: Reading | null): void;
  /** It was drawn; what its vertical axis would be if it were alone may be another than before. */
  onDrawn(scene: Scene): void;
}

/** Who moves a crosshair: the pointer; only keys and clicks, because it is pinned in another chart; the same, because it is in this one. */
export type CrosshairHold = 'free' | 'held' | 'pinned';

/** A click no farther than this from a pinned crosshair lets go of it, in CSS pixels. */
const pinReach = 6;

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
  readonly #room: AxisRoom;
  readonly #scenes = new SceneBuilder();
  readonly #lifetime = new AbortController();
  readonly #resizes = new ResizeObserver(() => this.#redraw());
  readonly #sightings = new IntersectionObserver((entries) => this.#see(entries.at(-1)?.isIntersecting ?? false), { rootMargin: '200px' });
  #model: ChartModel | null = null;
  #scene: Scene | null = null;
  #stale = true;
  #visible = false;
  /** Range that was asked for since the last model: keys and wheels are faster than frames, and each goes on from the one before. */
  #asked: readonly [number, number] | null = null;
  #crosshair: number | null = null;
  #hold: CrosshairHold = 'free';
  #isFull = true;
  /** Height of the pointer in it. */
  #pointer: number | null = null;
  #selection: readonly [number, number] | null = null;

  /** `room`: of the charts that it is aligned with. */
  constructor(theme: Theme, frames: Frames, events: LineChartEvents, room: AxisRoom) {
    this.#room = room;
    this.#theme = theme;
    this.#frames = frames;
    this.#events = events;
    this.element.className = 'chart';
    this.element.tabIndex = 0;
    this.element.append(this.#canvas, this.#overlay);
    this.#plot = new Plot(this.#canvas);
    room.join(this.#redraw);
    this.#resizes.observe(this.element);
    this.#sightings.observe(this.element);
    listenForGestures(this.element, this.#gestures(), this.#lifetime.signal);
  }

  /** Shows a model. Its columns may grow: call it again for new values to be drawn. */
  show(model: ChartModel): void {
    this.#model = model;
    this.#asked = null;
    this.#redraw();
  }

  /** Stands a vertical line at x; null: none. */
  setCrosshair(x: number | null, hold = this.#hold): void {
    this.#hold = hold;
    if (x === this.#crosshair) return;
    this.#crosshair = x;
    this.#frames.request(this);
  }

  /** Whether single runs are read at the crosshair where they are drawn as one line: nobody looks at those of a small chart. */
  readFully(isFull: boolean): void {
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    this.#frames.request(this);
  }

  /** Whether its vertical axis is logarithmic. */
  get isLog(): boolean {
    return this.#model !== null && this.#scenes.isLog(this.#model);
  }

  /** The chart in words, for those who cannot see it. */
  describe(): string {
    return this.#model === null ? '' : describeChart(this.#model, this.#scenes.isLog(this.#model));
  }

  /**
   * What it shows, also where it is out of sight and was not drawn since that changed; null: nothing, or it has no place in the page. Its
   * scene holds until the next. `pixelRatio`: pixels to a CSS pixel.
   */
  picture(pixelRatio: number): Picture | null {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.#model === null || width === 0 || height === 0) return null;
    // As many columns as the whole element has pixels: a few more than there are between the axes, which chart.js lays out later.
    if (this.#stale || this.#scene === null) this.#scene = this.#scenes.build(this.#model, width);
    const { colors, contrast } = this.#theme;
    return { model: this.#model, scene: this.#scene, colors, contrast, width, height, pixelRatio, room: this.#room };
  }

  /** Draws what is due; for the frames. */
  draw(): void {
    if (!this.#visible) return;
    if (this.#stale) {
      const picture = this.picture(window.devicePixelRatio);
      if (picture === null) return;
      this.#plot.draw(picture);
      this.#stale = false;
      this.#events.onDrawn(picture.scene);
    }
    this.#drawOverlay();
  }

  dispose(): void {
    this.#lifetime.abort();
    this.#resizes.disconnect();
    this.#sightings.disconnect();
    this.#room.leave(this.#redraw);
    this.#frames.cancel(this);
    this.#plot.dispose();
    this.element.remove();
  }

  readonly #redraw = (): void => {
    this.#stale = true;
    this.#frames.request(this);
  };

  #see(visible: boolean): void {
    this.#visible = visible;
    if (visible) this.#frames.request(this);
  }

  #drawOverlay(): void {
    if (this.#scene === null || this.#model === null) return;
    const projection = this.#projection(this.#scene.x);
    const seen = { pointer: this.#pointer, isFull: this.#isFull };
    const reading = this.#crosshair === null ? null : readingAt(this.#scene, this.#model, projection, this.#crosshair, seen);
    drawOverlay(this.#overlay, {
      projection,
      reading,
      selection: this.#selection,
      colors: this.#theme.colors,
      width: this.element.clientWidth,
      height: this.element.clientHeight,
      pixelRatio: window.devicePixelRatio,
    });
    this.#events.onReading(reading);
  }

  /** Of a horizontal range onto the plot as it is laid out now. */
  #projection(x: readonly [number, number]): Projection {
    const { y, zeros, lost } = this.#scene ?? lanedRange([0, 1], { zeros: false, lost: false });
    return new Projection({ x, y, zeros, lost }, this.#plot.area);
  }

  #point(x: number | null): void {
    this.setCrosshair(x);
    this.#events.onCrosshair(x);
  }

  /** The horizontal range that will be drawn next. */
  #range(): readonly [number, number] {
    return this.#asked ?? this.#model?.xRange ?? this.#model?.extent ?? [0, 1];
  }

  /** Asks for a range. */
  #look(from: number, to: number): void {
    if (this.#model === null) return;
    const [first, last] = this.#model.extent;
    this.#asked = clampRange(this.#model, from, to);
    this.#events.onRange(this.#asked[1] - this.#asked[0] >= last - first ? null : this.#asked);
  }

  #gestures(): GestureTarget {
    return {
      isZoomed: () => (this.#model?.xRange ?? null) !== null,
      point: (place) => {
        if (this.#pointer !== (place?.top ?? null)) this.#frames.request(this);
        this.#pointer = place?.top ?? null;
        if (this.#hold === 'free') this.#point(place === null ? null : this.#xAt(place.left));
      },
      pin: (place) => {
        const x = place === null ? this.#crosshair : this.#xAt(place.left);
        if (x === null || this.#scene === null) return;
        const near = pinReach * this.#projection(this.#scene.x).pixel;
        const isLetGo = this.#hold === 'pinned' && (place === null || Math.abs(x - (this.#crosshair ?? x)) < near);
        this.#events.onPin(x, !isLetGo);
      },
      escape: () => {
        if (this.#hold !== 'free' && this.#crosshair !== null) this.#events.onPin(this.#crosshair, false);
        else this.#reset();
      },
      select: (stretch) => {
        this.#selection = stretch;
        this.#frames.request(this);
      },
      zoomTo: ([from, to]) => {
        if (this.#scene === null) return;
        const { area } = this.#plot;
        const projection = this.#projection(this.#scene.x);
        this.#look(projection.xAt(Math.max(area.left, from)), projection.xAt(Math.min(area.right, to)));
      },
      zoom: (factor, left) => {
        const [from, to] = this.#range();
        const centre = left === null ? (this.#crosshair ?? (from + to) / 2) : this.#projection([from, to]).xAt(left);
        this.#look(centre - (centre - from) * factor, centre + (to - centre) * factor);
      },
      pan: (pixels) => {
        const [from, to] = this.#range();
        const shift = pixels * this.#projection([from, to]).pixel;
        this.#look(from + shift, to + shift);
      },
      note: () => this.#events.onNote(),
      reset: () => this.#reset(),
      step: (direction) => this.#step(direction),
      jump: (end) => {
        if (this.#scene !== null) this.#point(outermost(this.#scene, this.#range(), end));
      },
    };
  }

  #reset(): void {
    this.#asked = this.#model?.extent ?? null;
    this.#events.onRange(null);
  }

  /** Null: `left` lies beside the data. */
  #xAt(left: number): number | null {
    const { area } = this.#plot;
    return this.#scene === null || left < area.left || left > area.right ? null : this.#projection(this.#scene.x).xAt(left);
  }

  /** Moves the crosshair; one that is out of sight begins at the edge of the visible range. */
  #step(direction: -1 | 1): void {
    const scene = this.#scene;
    if (scene === null) return;
    const crosshair = this.#crosshair;
    const isInSight = crosshair !== null && crosshair >= scene.x[0] && crosshair <= scene.x[1];
    this.#point(isInSight ? neighbour(scene, crosshair, direction) : outermost(scene, scene.x, direction === 1 ? 'first' : 'last'));
  }
}
