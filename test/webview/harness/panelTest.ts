import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../e2e/harness/browser.ts';
import { severalTries } from '../../e2e/harness/tries.ts';
import { patience } from '../../e2e/harness/until.ts';
import { PanelPage } from './panelPage.ts';
import type { PanelPageOptions } from './panelPage.ts';

let started: Promise<{ readonly browser: Browser; readonly home: string }> | undefined;
after(async () => {
  const running = await started;
  await running?.browser.close();
  if (running !== undefined) rmSync(running.home, { recursive: true, force: true });
});

/**
 * A claim about the page of a run panel, in a real browser. It also fails where the page has done what its content security policy
 * forbids, or has reported an error that the test has not looked for (`errors`).
 */
export function panelTest(
  claim: string,
  options: PanelPageOptions & { readonly errors?: readonly RegExp[] },
  body: (panel: PanelPage) => Promise<void>,
): void {
  const attempt = async () => {
    started ??= start();
    const panel = await PanelPage.open((await started).browser, options);
    try {
      await body(panel);
      assert.deepEqual(await panel.violations(), [], 'what the content security policy has forbidden');
      const errors = (await panel.postedOf('error')).map(({ message }) => message);
      const { errors: expected = [] } = options;
      assert.equal(errors.length, expected.length, errors.join('\n'));
      expected.forEach((pattern, index) => assert.match(errors[index] ?? '', pattern));
    } catch (error) {
      await panel.screenshot(`failed-${claim.replace(/\W+/g, '-').slice(0, 60)}`).catch(() => undefined);
      throw error;
    } finally {
      await panel.close();
    }
  };
  test(claim, { timeout: 10 * patience }, (context) => severalTries(attempt, (message) => context.diagnostic(`"${claim}" ${message}`)));
}

async function start(): Promise<{ readonly browser: Browser; readonly home: string }> {
  const home = mkdtempSync(path.join(tmpdir(), 'otb-browser-'));
  return { browser: await launchBrowser(home), home };
}
