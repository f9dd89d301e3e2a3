import type { ThemeColors } from '../theme.ts';
import type { Reading, Readout } from './chartModel.ts';
import type { Projection } from './projection.ts';

/** What lies over the picture and changes with every move of the pointer. */
export interface OverlayPicture {
  readonly projection: Projection;
  /** Null: no crosshair. */
  readonly reading: Reading | null;
  /** The stretch that is being chosen, in CSS pixels. */
  readonly selection: readonly [number, number] | null;
  readonly colors: ThemeColors;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

/** A canvas of its own, so that the lines under it need not be drawn again. */
export function drawOverlay(canvas: HTMLCanvasElement, picture: OverlayPicture): void {
  const { reading, selection, colors, pixelRatio } = picture;
  const { area } = picture.projection;
  const width = Math.round(picture.width * pixelRatio);
  const height = Math.round(picture.height * pixelRatio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, picture.width, picture.height);
  if (selection !== null) {
    const [from, to] = [Math.max(area.left, Math.min(...selection)), Math.min(area.right, Math.max(...selection))];
    context.fillStyle = colors.selection;
    context.fillRect(from, area.top, to - from, area.bottom - area.top);
  }
  if (reading === null) return;
  drawCrosshair(context, picture.projection.left(reading.x), picture);
  const together = new Set(reading.readouts.filter(({ run }) => run === null).map(({ series }) => series));
  const shown = dots(reading, picture);
  // Runs that are drawn thin, below the line for all of them, have small dots.
  const thin = shown.filter(({ run, series }) => run !== null && together.has(series));
  for (const readout of [...thin, ...shown.filter((each) => !thin.includes(each))]) {
    const { left, top, color } = readout;
    context.beginPath();
    context.arc(left, top, thin.includes(readout) ? 2 : 3.2, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.strokeStyle = colors.background;
    context.lineWidth = 1.5;
    context.stroke();
  }
}

function drawCrosshair(context: CanvasRenderingContext2D, at: number, { projection: { area }, colors, pixelRatio }: OverlayPicture): void {
  if (at < area.left - 0.5 || at > area.right + 0.5) return;
  // In the middle of a pixel of the screen, so that it is one pixel wide.
  const left = (Math.floor(at * pixelRatio) + 0.5) / pixelRatio;
  context.strokeStyle = colors.crosshair;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left, area.top);
  context.lineTo(left, area.bottom);
  context.stroke();
}

/** Where the values that are read stand, as far as they can be seen. */
function dots({ readouts }: Reading, { projection: { area } }: OverlayPicture): readonly Readout[] {
  return readouts.filter(({ left, top }) => left >= area.left && left <= area.right && top >= area.top && top <= area.bottom);
}
