import { symbol } from 'd3-shape';
import type { Picture } from '../chart/picture.ts';
import { Plot } from '../chart/plot.ts';
import type { MetricChart } from '../metricChart.ts';
import type { PanelState } from '../panelState.ts';
import type { PanelSeries } from '../series.ts';
import type { Theme } from '../theme.ts';
import { layOut, legendFont, markHeight, markWidth, titleFont } from './pictureLayout.ts';

/** Pixels of the picture to a CSS pixel. */
const scale = 2;

/** Title, legend and charts as the panel shows them, as the bytes of a PNG. Throws where the browser cannot make one. */
export async function renderPng(state: PanelState, charts: readonly MetricChart[], theme: Theme): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The picture cannot be drawn: no canvas is available.');
  const font = ({ size, weight }: { readonly size: number; readonly weight: number }): string =>
    `${weight} ${size}px ${theme.colors.fontFamily}`;
  context.font = font(legendFont);
  const layout = layOut(state, charts, (text) => context.measureText(text).width);
  canvas.width = layout.width * scale;
  canvas.height = layout.height * scale;
  context.scale(scale, scale);
  context.fillStyle = theme.colors.background;
  context.fillRect(0, 0, layout.width, layout.height);
  context.fillStyle = theme.colors.ink;
  context.font = font(titleFont);
  context.fillText(layout.title.text, layout.title.x, layout.title.y);
  context.font = font(legendFont);
  context.textBaseline = 'middle';
  for (const { series, text, x, y } of layout.legend) {
    drawMark(context, series, x, y, theme);
    context.fillStyle = theme.colors.ink;
    context.fillText(text, x + markWidth + 8, y + markHeight / 2);
  }
  for (const { chart, x, y, width, height } of layout.charts) {
    const picture = chart.picture(scale);
    if (picture !== null) drawChart(context, picture, x, y, width, height);
  }
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (blob === null)
    throw new Error(`The picture cannot be drawn: ${canvas.width} × ${canvas.height} pixels are too many for the browser.`);
  return new Uint8Array(await blob.arrayBuffer());
}

function drawChart(context: CanvasRenderingContext2D, picture: Picture, x: number, y: number, width: number, height: number): void {
  const canvas = document.createElement('canvas');
  const plot = new Plot(canvas);
  plot.draw(picture);
  context.drawImage(canvas, x, y, width, height);
  plot.dispose();
}

function drawMark(context: CanvasRenderingContext2D, { style, dash }: PanelSeries, x: number, y: number, theme: Theme): void {
  const color = theme.colorOf(style);
  context.save();
  context.translate(x, y + markHeight / 2);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.setLineDash([...dash]);
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(markWidth, 0);
  context.stroke();
  context.setLineDash([]);
  context.translate(markWidth / 2, 0);
  context.beginPath();
  symbol(style.marker, 46).context(context)();
  context.fillStyle = style.hollow ? theme.colors.background : color;
  context.fill();
  if (style.hollow) {
    context.lineWidth = 1.6;
    context.stroke();
  }
  context.restore();
}
