// node bench/lensFrames.mjs: how long a token lens takes to open a step of 128 trajectories of 8,192 tokens, and its frames, in a real browser.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchPage } from './benchPage.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const styles = path.join(root, 'webview/lens/lens.css');
await benchPage(
  { script: path.join(root, 'webview/bench/lensFrames.ts'), styles, viewport: { width: 1400, height: 900 } },
  async (page) => {
    const rows = await page.evaluate(() => lensCosts());
    const width = Math.max(...rows.map(({ name }) => name.length));
    console.log(`${'Milliseconds'.padEnd(width)}  median  longest`);
    for (const { name, median, longest } of rows) {
      console.log(`${name.padEnd(width)}  ${(median === null ? '' : median.toFixed(1)).padStart(6)}  ${longest.toFixed(1).padStart(7)}`);
    }
  },
);
