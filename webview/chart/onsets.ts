import { onsetLabels } from '../../src/core/figure/onsets.ts';
import type { LineContext } from './lines.ts';
import { fontSize, headingWidth } from './picture.ts';
import type { Picture } from './picture.ts';
import type { Projection } from './projection.ts';

/** A canvas, or what writes the same as SVG. */
export type TextContext = LineContext & Pick<CanvasRenderingContext2D, 'fillText' | 'font' | 'textAlign'>;

/** Half the width of a label, in pixels for each of its letters. */
const halfLetter = 3.4;

/**
 * Dotted lines through the frame; in a large chart with ticks, and with labels on the line of the heading, or where the heading is, just
 * under it in the frame.
 */
export function drawOnsets(context: TextContext, picture: Picture, projection: Projection): void {
  const { scene, model, colors } = picture;
  const { top, bottom } = projection.area;
  const position = (x: number): number => projection.left(x);
  const visible = model.onsets.filter(({ at }) => at >= scene.x[0] && at <= scene.x[1]);
  context.save();
  context.lineWidth = 1.4;
  context.globalAlpha = visible.length > 12 ? 0.55 : 0.9;
  for (const { at, color } of visible) {
    context.strokeStyle = color;
    vertical(context, position(at), top, bottom, [1.5, 3]);
    if (!model.compact) vertical(context, position(at), top - 11, top - 5, []);
  }
  context.globalAlpha = 1;
  context.font = `${fontSize - 0.5}px ${colors.fontFamily}`;
  context.textAlign = 'center';
  const labels = model.compact
    ? []
    : onsetLabels(
        visible.map(({ at, color, label }) => ({ step: at, color, label })),
        { position },
      );
  const headingEnd = projection.area.left + headingWidth(picture);
  for (const { x, text, color } of labels) {
    const half = halfLetter * text.length;
    const isUnderHeading = x - half < headingEnd;
    if (isUnderHeading) {
      context.globalAlpha = 0.8;
      context.fillStyle = colors.background;
      context.beginPath();
      context.rect(x - half, top + 1, 2 * half, 13);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = color ?? colors.muted;
    context.fillText(text, x, isUnderHeading ? top + 11 : top - 15);
  }
  context.restore();
}

function vertical(context: LineContext, left: number, from: number, to: number, dash: readonly number[]): void {
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(left, from);
  context.lineTo(left, to);
  context.stroke();
}
