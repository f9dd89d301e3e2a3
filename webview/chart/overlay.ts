import type { ThemeColors } from '../theme.ts';
import type { Area } from './lines.ts';

/** What lies over the picture and changes with every move of the pointer. CSS pixels. */
export interface OverlayPicture {
  readonly area: Area;
  readonly crosshair: number | null;
  readonly dots: readonly { readonly left: number; readonly top: number; readonly color: string }[];
  readonly selection: readonly [number, number] | null;
  readonly colors: ThemeColors;
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

/** A canvas of its own, so that the lines under it need not be drawn again. */
export function drawOverlay(canvas: HTMLCanvasElement, picture: OverlayPicture): void {
  const { area, crosshair, dots, selection, colors, pixelRatio } = picture;
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
  if (crosshair !== null && crosshair >= area.left - 0.5 && crosshair <= area.right + 0.5) {
    // In the middle of a pixel of the screen, so that it is one pixel wide.
    const left = (Math.floor(crosshair * pixelRatio) + 0.5) / pixelRatio;
    context.strokeStyle = colors.crosshair;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, area.top);
    context.lineTo(left, area.bottom);
    context.stroke();
  }
  for (const { left, top, color } of dots) {
    context.beginPath();
    context.arc(left, top, 3.2, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
    context.strokeStyle = colors.background;
    context.lineWidth = 1.5;
    context.stroke();
  }
}
