import type { LineContext } from './lines.ts';
import type { Picture } from './picture.ts';
import type { Projection } from './projection.ts';

/** Of a mark, in pixels. */
const size = { width: 9, height: 8 };

/** A small flag on the lower edge of the frame at each step that has a note. */
export function drawNotes(context: LineContext, { model, scene, colors }: Picture, projection: Projection): void {
  const { bottom } = projection.area;
  context.save();
  context.setLineDash([]);
  context.lineWidth = 1.2;
  for (const { at, color } of model.notes) {
    if (at < scene.x[0] || at > scene.x[1]) continue;
    const left = projection.left(at);
    context.beginPath();
    context.moveTo(left, bottom - size.height);
    context.lineTo(left + size.width / 2, bottom);
    context.lineTo(left - size.width / 2, bottom);
    context.lineTo(left, bottom - size.height);
    context.fillStyle = color;
    context.strokeStyle = colors.background;
    context.fill();
    context.stroke();
  }
  context.restore();
}
