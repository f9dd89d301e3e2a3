import type { LanedRange } from '../../src/core/panel/lanes.ts';

/** Pixels that the data is drawn in. */
export interface Area {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** From the space of the axes to the pixels of an area, and back. */
export class Projection {
  readonly #xScale: number;
  readonly #xShift: number;
  readonly #yScale: number;
  readonly #yShift: number;
  readonly #zeros: number | null;
  readonly #lost: number | null;
  readonly #yMin: number;
  readonly #yMax: number;

  /** `x`, `y`: what the axes show. */
  constructor(
    { x, y, zeros, lost }: Pick<LanedRange, 'y' | 'zeros' | 'lost'> & { readonly x: readonly [number, number] },
    readonly area: Area,
  ) {
    this.#xScale = Math.max(1, area.right - area.left) / (x[1] - x[0]);
    this.#xShift = area.left - x[0] * this.#xScale;
    this.#yScale = (area.top - area.bottom) / (y[1] - y[0]);
    this.#yShift = area.bottom - y[0] * this.#yScale;
    this.#zeros = zeros;
    this.#lost = lost;
    const beyond = 50 * (area.bottom - area.top);
    this.#yMin = area.top - beyond;
    this.#yMax = area.bottom + beyond;
  }

  left(x: number): number {
    return x * this.#xScale + this.#xShift;
  }

  /** What is not finite stands in its lane. Not far beyond the area: canvases lose precision there, and know no infinity. */
  top(y: number): number {
    const lane = y === -Infinity ? (this.#zeros ?? this.#lost) : y === Infinity ? this.#lost : null;
    if (lane !== null) return lane * this.#yScale + this.#yShift;
    return Math.min(this.#yMax, Math.max(this.#yMin, y * this.#yScale + this.#yShift));
  }

  xAt(left: number): number {
    return (left - this.#xShift) / this.#xScale;
  }

  /** Width of a pixel, in units of x. */
  get pixel(): number {
    return 1 / this.#xScale;
  }
}
