/** A place in a chart, in CSS pixels from its upper left corner. */
interface ChartPlace {
  readonly left: number;
  readonly top: number;
}

/** What a reader asks of a chart, in CSS pixels from its left edge. */
export interface GestureTarget {
  /** The pointer rests there; null: it has gone. */
  point(place: ChartPlace | null): void;
  /** Holds the crosshair there; null: where it stands. Lets go of one that is held there already. */
  pin(place: ChartPlace | null): void;
  /** Lets go of the crosshair, or shows everything. */
  escape(): void;
  /** A stretch is being chosen; null: no longer. */
  select(stretch: readonly [from: number, to: number] | null): void;
  /** It was chosen. */
  zoomTo(stretch: readonly [from: number, to: number]): void;
  /** Makes the visible range `factor` times as wide, around `left`; null: around the crosshair. */
  zoom(factor: number, left: number | null): void;
  /** Moves the view by so many pixels to the right. */
  pan(pixels: number): void;
  reset(): void;
  /** Moves the crosshair to the next or the last logged value. */
  step(direction: -1 | 1): void;
  jump(end: 'first' | 'last'): void;
  /** Something is to be noted about the place of the crosshair. */
  note(): void;
  /** Whether there is anything to pan to. */
  isZoomed(): boolean;
}

/** A drag shorter than this is a click. */
const leastDrag = 4;

type Drag = { readonly kind: 'select'; readonly from: number } | { readonly kind: 'pan'; last: number };

/**
 * Pointer, wheel and keys of a chart: click to pin what stands at the crosshair, drag to zoom, shift or middle button and drag to pan,
 * double click to reset; ctrl or cmd and wheel zooms at the pointer, as pinching a touchpad does, while the plain wheel is left to the
 * page. With the keyboard: arrows move the crosshair, with shift the view; Enter and the space bar pin; + and − zoom; 0 and Escape reset;
 * Home and End; n notes something about the step.
 */
export function listenForGestures(element: HTMLElement, target: GestureTarget, signal: AbortSignal): void {
  let drag: Drag | null = null;
  const placeOf = ({ clientX, clientY }: MouseEvent): ChartPlace => {
    const { left, top } = element.getBoundingClientRect();
    return { left: clientX - left, top: clientY - top };
  };
  const leftOf = (event: MouseEvent): number => placeOf(event).left;

  const onDown = (event: PointerEvent): void => {
    if (event.button > 1) return;
    element.setPointerCapture(event.pointerId);
    const left = leftOf(event);
    drag = event.shiftKey || event.button === 1 ? { kind: 'pan', last: left } : { kind: 'select', from: left };
    // The middle button would scroll the page.
    if (event.button === 1) event.preventDefault();
  };
  const onMove = (event: PointerEvent): void => {
    const place = placeOf(event);
    const { left } = place;
    if (drag?.kind === 'pan') {
      target.pan(drag.last - left);
      drag.last = left;
      return;
    }
    if (drag?.kind === 'select') target.select(Math.abs(left - drag.from) < leastDrag ? null : [drag.from, left]);
    target.point(place);
  };
  const onUp = (event: PointerEvent): void => {
    const place = placeOf(event);
    const { left } = place;
    if (drag?.kind === 'select') {
      target.select(null);
      if (Math.abs(left - drag.from) < leastDrag) target.pin(place);
      else target.zoomTo([Math.min(drag.from, left), Math.max(drag.from, left)]);
    }
    drag = null;
  };
  const onCancel = (): void => {
    drag = null;
    target.select(null);
  };
  const onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      // A notch of a wheel is 100 pixels, or three lines.
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 33 : event.deltaY;
      target.zoom(2 ** (Math.max(-100, Math.min(100, pixels)) / 200), leftOf(event));
    } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY) && target.isZoomed()) {
      event.preventDefault();
      target.pan(event.deltaX);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keyAction(event, target, element.clientWidth);
    if (act === null) return;
    event.preventDefault();
    act();
  };
  const options = { signal };
  element.addEventListener('pointerdown', onDown, options);
  element.addEventListener('pointermove', onMove, options);
  element.addEventListener('pointerup', onUp, options);
  element.addEventListener('pointercancel', onCancel, options);
  element.addEventListener('pointerleave', () => target.point(null), options);
  element.addEventListener('dblclick', () => target.reset(), options);
  element.addEventListener('wheel', onWheel, { signal, passive: false });
  element.addEventListener('keydown', onKey, options);
}

function keyAction({ key, shiftKey }: KeyboardEvent, target: GestureTarget, width: number): (() => void) | null {
  switch (key) {
    case 'ArrowLeft':
      return shiftKey ? () => target.pan(-width / 8) : () => target.step(-1);
    case 'ArrowRight':
      return shiftKey ? () => target.pan(width / 8) : () => target.step(1);
    case 'Home':
      return () => target.jump('first');
    case 'End':
      return () => target.jump('last');
    case '+':
    case '=':
      return () => target.zoom(1 / 1.5, null);
    case '-':
    case '_':
      return () => target.zoom(1.5, null);
    case 'Enter':
    case ' ':
      return () => target.pin(null);
    case 'n':
      return () => target.note();
    case '0':
      return () => target.reset();
    case 'Escape':
      return () => target.escape();
    default:
      return null;
  }
}
