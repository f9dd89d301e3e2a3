// node bench/frameCost.mjs: what a frame of the run panel's two charts costs in a real browser. Chromium comes with tools/vscode.mjs.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchPage } from './benchPage.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const script = path.join(root, 'webview/bench/frameCost.ts');
const styles = path.join(root, 'webview/readout.css');
await benchPage({ script, styles, viewport: { width: 1300, height: 700 }, deviceScaleFactor: 2 }, async (page) => {
  const rows = await page.evaluate(() => frameCosts());
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`${'Milliseconds a frame, two charts'.padEnd(width)}  decimate    draw   paint`);
  for (const { name, scene, draw, paint } of rows) {
    console.log(`${name.padEnd(width)}  ${[scene, draw, paint].map((value) => value.toFixed(1).padStart(8)).join('')}`);
  }
});
