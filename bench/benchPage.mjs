// A page in a real browser with what a benchmark measures in it. Chromium comes with tools/vscode.mjs.
import path from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { setUpVSCode, unsupported } from '../tools/vscode.mjs';

/** `script` and `styles` are bundled into it; `measure` is called with the page. */
export async function benchPage({ script, styles, viewport, deviceScaleFactor = 1 }, measure) {
  const reason = unsupported();
  if (reason !== undefined) {
    console.error(`otb: ${reason}`);
    process.exit(1);
  }
  const bundle = async (entry) => {
    const options = { entryPoints: [entry], bundle: true, minify: true, write: false, format: 'iife', target: 'es2022' };
    const { outputFiles } = await build(options);
    return outputFiles[0].text;
  };
  const folder = path.join(setUpVSCode(), 'chromium');
  const browser = await chromium.launch({
    executablePath: path.join(folder, 'chrome'),
    args: ['--no-sandbox', '--disable-gpu'],
    env: { ...process.env, LD_LIBRARY_PATH: path.join(folder, 'lib'), FONTCONFIG_FILE: path.join(folder, 'fonts.conf') },
  });
  try {
    const page = await browser.newPage({ viewport, deviceScaleFactor });
    await page.addStyleTag({ content: await bundle(styles) });
    await page.addScriptTag({ content: await bundle(script) });
    await measure(page);
  } finally {
    await browser.close();
  }
}
