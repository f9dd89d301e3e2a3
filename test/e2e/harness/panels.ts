import type { FrameLocator, Page } from 'playwright-core';
import { extensionId } from './installation.ts';
import { until } from './until.ts';

/** Documents of our extension's visible webviews, from left to right, once there are `count` of them. */
export async function visiblePanels(page: Page, count: number): Promise<readonly FrameLocator[]> {
  const outer = page.locator(`iframe.webview.ready[src*="extensionId=${extensionId}"]`);
  const names = await until(`${count} visible panel${count === 1 ? '' : 's'}`, async () => {
    const boxes = await outer.evaluateAll((frames) =>
      frames.map((frame) => ({
        name: frame.getAttribute('name') ?? '',
        shown: frame.checkVisibility({ visibilityProperty: true }),
        left: frame.getBoundingClientRect().left,
      })),
    );
    const shown = boxes.filter((box) => box.shown).sort((one, other) => one.left - other.left);
    return shown.length === count && shown.map((box) => box.name);
  });
  return names.map((name) => page.frameLocator(`iframe.webview[name="${name}"]`).frameLocator('iframe#active-frame'));
}
