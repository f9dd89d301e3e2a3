import type { FrameLocator } from 'playwright-core';
import { until } from './harness/until.ts';

/** Where a chart has lines, in pixel columns of its canvas. */
export interface DrawnColumns {
  readonly width: number;
  readonly first: number;
  readonly last: number;
  /** Columns from first to last that have a coloured pixel; grid, axes and texts are grey. */
  readonly drawn: number;
}

/** What is drawn in the first chart of a panel, once there is something. */
export async function drawnColumns(panel: FrameLocator): Promise<DrawnColumns> {
  const canvas = panel.locator('.chart-box canvas').first();
  await canvas.waitFor();
  return until('a line in the chart', () =>
    canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const pixels = width > 0 && height > 0 ? element.getContext('2d')?.getImageData(0, 0, width, height).data : undefined;
      if (!pixels) return undefined;
      const columns = Array.from({ length: width }, (_, x) => {
        for (let y = 0; y < height; y++) {
          const at = 4 * (y * width + x);
          const channels = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
          if ((pixels[at + 3] as number) > 60 && Math.max(...channels) - Math.min(...channels) > 50) return true;
        }
        return false;
      });
      const first = columns.indexOf(true);
      return first >= 0 && { width, first, last: columns.lastIndexOf(true), drawn: columns.filter(Boolean).length };
    }),
  );
}
