import type { Browser, Locator } from 'playwright-core';
import type { HostMessage, PanelMessage } from '../../../src/core/panel/messages.ts';
import type { PanelMemory } from '../../../src/core/panel/view.ts';
import { WebviewPage } from './webviewPage.ts';
import type { WebviewPageOptions } from './webviewPage.ts';

/** The built page of a run panel in a real browser, with a fake extension behind it. */
export class PanelPage extends WebviewPage<PanelMessage, PanelMemory> {
  static async open(browser: Browser, options: WebviewPageOptions = {}): Promise<PanelPage> {
    return new PanelPage(await PanelPage.load(browser, 'panel', options));
  }

  /** Says something to the page, as it would arrive: JSON but for typed arrays. */
  async send(...messages: readonly HostMessage[]): Promise<void> {
    await this.page.evaluate(deliver, messages.map(flatten));
  }

  chart(metric: string): Locator {
    return this.page.locator(`[data-metric="${metric}"]`);
  }

  /** Number of pixels of a chart's canvas that are near a colour, as in "#d55e00"; `stretch`: shares of its height from the top. */
  async pixels(metric: string, color: string, stretch: readonly [from: number, to: number] = [0, 1]): Promise<number> {
    await this.drawn();
    return this.chart(metric).locator('canvas').first().evaluate(countPixels, { color, stretch });
  }

  /** Opens or closes a menu of the toolbar. */
  async toggleMenu(label: string): Promise<void> {
    await this.page.locator(`.toolbar vscode-button[aria-label="${label}"]`).click();
  }
}

/** Typed arrays do not survive the way into the page. */
interface Flat {
  readonly json: string;
  /** For `rows`. */
  readonly steps?: readonly number[];
  readonly columns?: Readonly<Record<string, readonly number[]>>;
}

function flatten(message: HostMessage): Flat {
  if (message.type !== 'rows') return { json: JSON.stringify(message) };
  const { steps, columns } = message.rows;
  const json = JSON.stringify({ ...message, rows: { ...message.rows, columns: {} } });
  const flat = { json, columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]])) };
  return steps instanceof Float64Array ? { ...flat, steps: [...steps] } : flat;
}

async function deliver(messages: readonly Flat[]): Promise<void> {
  for (const { json, steps, columns } of messages) {
    const message = JSON.parse(json) as { rows?: { steps?: unknown; columns?: unknown } };
    if (message.rows && steps) message.rows.steps = Float64Array.from(steps);
    if (message.rows && columns)
      message.rows.columns = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)]));
    window.postMessage(message, '*');
  }
  // Messages arrive in order, each in a task of its own.
  await new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => setTimeout(resolve);
    port2.postMessage(null);
  });
}

function countPixels(
  canvas: SVGElement | HTMLElement,
  { color, stretch: [from, to] }: { readonly color: string; readonly stretch: readonly [number, number] },
): number {
  if (!(canvas instanceof HTMLCanvasElement)) return 0;
  const context = canvas.getContext('2d');
  if (context === null) return 0;
  const wanted = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const top = Math.round(from * canvas.height);
  const { data } = context.getImageData(0, top, canvas.width, Math.round(to * canvas.height) - top);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if ((data[at + 3] ?? 0) > 200 && wanted.every((channel, index) => Math.abs((data[at + index] ?? 0) - channel) <= 12)) count++;
  }
  return count;
}
