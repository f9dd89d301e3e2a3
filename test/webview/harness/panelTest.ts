import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../e2e/harness/browser.ts';
import { severalTries } from '../../e2e/harness/tries.ts';
import { patience } from '../../e2e/harness/until.ts';
import { LensFixture } from './lensFixture.ts';
import { PanelPage } from './panelPage.ts';
import type { WebviewPageOptions } from './webviewPage.ts';

let started: Promise<{ readonly browser: Browser; readonly home: string }> | undefined;
after(async () => {
  const running = await started;
  await running?.browser.close();
  if (running !== undefined) rmSync(running.home, { recursive: true, force: true });
});

export type PageTestOptions = WebviewPageOptions & { readonly errors?: readonly RegExp[] };

/** A claim about the page of a run panel, in a real browser. */
export function panelTest(claim: string, options: PageTestOptions, body: (panel: PanelPage) => Promise<void>): void {
  pageTest(claim, options, (browser) => PanelPage.open(browser, options), body);
}

/** A claim about the page of a token lens. */
export function lensTest(claim: string, options: PageTestOptions, body: (lens: LensFixture) => Promise<void>): void {
  pageTest(claim, options, (browser) => LensFixture.open(browser, options), body);
}

interface AnyPage {
  posted(): Promise<readonly { readonly type: string; readonly message?: unknown }[]>;
  violations(): Promise<readonly string[]>;
  screenshot(name: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * It also fails where the page has done what its content security policy forbids, or has reported an error that the test has not looked
 * for (`errors`).
 */
function pageTest<P extends AnyPage>(
  claim: string,
  options: PageTestOptions,
  open: (browser: Browser) => Promise<P>,
  body: (page: P) => Promise<void>,
): void {
  const attempt = async () => {
    started ??= start();
    const page = await open((await started).browser);
    try {
      await body(page);
      assert.deepEqual(await page.violations(), [], 'what the content security policy has forbidden');
      const errors = (await page.posted()).filter(({ type }) => type === 'error').map(({ message }) => String(message));
      const { errors: expected = [] } = options;
      assert.equal(errors.length, expected.length, errors.join('\n'));
      expected.forEach((pattern, index) => assert.match(errors[index] ?? '', pattern));
    } catch (error) {
      await page.screenshot(`failed-${claim.replace(/\W+/g, '-').slice(0, 60)}`).catch(() => undefined);
      throw error;
    } finally {
      await page.close();
    }
  };
  test(claim, { timeout: 10 * patience }, (context) => severalTries(attempt, (message) => context.diagnostic(`"${claim}" ${message}`)));
}

async function start(): Promise<{ readonly browser: Browser; readonly home: string }> {
  const home = mkdtempSync(path.join(tmpdir(), 'otb-browser-'));
  return { browser: await launchBrowser(home), home };
}
