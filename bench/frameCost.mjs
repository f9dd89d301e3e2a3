// node bench/frameCost.mjs: what a frame of the run panel's two charts costs in a real browser. Chromium comes with tools/vscode.mjs.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { setUpVSCode, unsupported } from '../tools/vscode.mjs';

const reason = unsupported();
if (reason !== undefined) {
  console.error(`otb: ${reason}`);
  process.exit(1);
}
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [path.join(root, 'webview/bench/frameCost.ts')],
  bundle: true,
  minify: true,
  write: false,
  format: 'iife',
  target: 'es2022',
});
const folder = path.join(setUpVSCode(), 'chromium');
const browser = await chromium.launch({
  executablePath: path.join(folder, 'chrome'),
  args: ['--no-sandbox', '--disable-gpu'],
  env: { ...process.env, LD_LIBRARY_PATH: path.join(folder, 'lib'), FONTCONFIG_FILE: path.join(folder, 'fonts.conf') },
});
try {
  const page = await browser.newPage({ viewport: { width: 1300, height: 700 }, deviceScaleFactor: 2 });
  await page.addStyleTag({ path: path.join(root, 'webview/readout.css') });
  await page.addScriptTag({ content: outputFiles[0].text });
  const rows = await page.evaluate(() => frameCosts());
  const width = Math.max(...rows.map(({ name }) => name.length));
  console.log(`${'Milliseconds a frame, two charts'.padEnd(width)}  decimate    draw   paint`);
  for (const { name, scene, draw, paint } of rows) {
    console.log(`${name.padEnd(width)}  ${[scene, draw, paint].map((value) => value.toFixed(1).padStart(8)).join('')}`);
  }
} finally {
  await browser.close();
}
