import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { HostMessage, PanelMessage } from '../../../src/core/panel/messages.ts';
import type { PanelMemory } from '../../../src/core/panel/view.ts';
import { patience } from '../../e2e/harness/until.ts';
import { themes } from './themes.ts';
import type { ThemeFixture, ThemeName } from './themes.ts';

export interface PanelPageOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What an earlier page of the same panel left. */
  readonly memory?: unknown;
  readonly reducedMotion?: boolean;
}

/** What the fake API keeps in the page. */
interface Recorded {
  readonly posted: PanelMessage[];
  readonly violations: string[];
  state: unknown;
}
declare const recorded: Recorded;

const origin = 'http://panel.test';
// As the extension sets it, with the page's own origin for VS Code's.
const policy = `default-src 'none'; script-src 'nonce-test'; style-src ${origin} 'nonce-test'; font-src ${origin}; img-src ${origin} data: blob:`;
const markup = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/panel-style.css" nonce="test"><title>Panel</title></head>
<body><script nonce="test" src="/panel.js"></script></body></html>`;

/** The built page of a run panel in a real browser, with a fake extension behind it. */
export class PanelPage {
  private constructor(readonly page: Page) {}

  static async open(browser: Browser, options: PanelPageOptions = {}): Promise<PanelPage> {
    const { theme = 'dark', width = 1200, height = 900, memory, reducedMotion = false } = options;
    const page = await browser.newPage({ viewport: { width, height }, reducedMotion: reducedMotion ? 'reduce' : 'no-preference' });
    page.setDefaultTimeout(patience);
    const file = (name: string): Buffer => readFileSync(path.resolve('dist', name));
    await page.route(`${origin}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: markup });
      if (pathname === '/panel.js') return route.fulfill({ contentType: 'text/javascript', body: file('panel.js') });
      if (pathname === '/panel-style.css') return route.fulfill({ contentType: 'text/css', body: file('panel-style.css') });
      return route.abort();
    });
    await page.addInitScript(fakeApi, { memory, theme: themes[theme] as ThemeFixture });
    await page.goto(`${origin}/`);
    return new PanelPage(page);
  }

  /** Says something to the page, as it would arrive: JSON but for typed arrays. */
  async send(...messages: readonly HostMessage[]): Promise<void> {
    await this.page.evaluate(deliver, messages.map(flatten));
  }

  /** Delivers anything at all. */
  async sendRaw(message: unknown): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
    await this.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  }

  /** What the page has said so far. */
  posted(): Promise<readonly PanelMessage[]> {
    return this.page.evaluate(() => recorded.posted);
  }

  /** What it has said of one type. */
  async postedOf<T extends PanelMessage['type']>(type: T): Promise<readonly Extract<PanelMessage, { type: T }>[]> {
    return (await this.posted()).filter((message): message is Extract<PanelMessage, { type: T }> => message.type === type);
  }

  /** What it remembers, after the moment for which it gathers what to remember: the page's own timers end in the order in which they should. */
  memory(): Promise<PanelMemory | undefined> {
    return this.page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return recorded.state as PanelMemory | undefined;
    });
  }

  /** What the content security policy has forbidden. */
  violations(): Promise<readonly string[]> {
    return this.page.evaluate(() => recorded.violations);
  }

  async setTheme(name: ThemeName): Promise<void> {
    await this.page.evaluate((theme: ThemeFixture) => {
      document.documentElement.removeAttribute('style');
      for (const [key, value] of Object.entries(theme.variables)) document.documentElement.style.setProperty(`--vscode-${key}`, value);
      document.body.dataset['vscodeThemeKind'] = theme.bodyClass.split(' ').at(-1);
      document.body.className = theme.bodyClass;
    }, themes[name] as ThemeFixture);
    await this.drawn();
  }

  /** Waits until everything that is due has been drawn: a chart hears after a frame that it is in sight, and is drawn in the next. */
  async drawn(): Promise<void> {
    await this.page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        // Those who observed before this one have heard when it does.
        await new Promise<void>((resolve) => {
          const observer = new IntersectionObserver(() => {
            observer.disconnect();
            resolve();
          });
          observer.observe(document.body);
        });
      }
    });
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

  /** A picture for people; its path. */
  async screenshot(name: string, fullPage = true): Promise<string> {
    const file = path.resolve('.cache/screenshots', `${name}.png`);
    mkdirSync(path.dirname(file), { recursive: true });
    const viewport = this.page.viewportSize();
    // Charts out of sight are not drawn.
    if (fullPage && viewport !== null) {
      const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
      await this.page.setViewportSize({ width: viewport.width, height });
    }
    await this.drawn();
    await this.page.screenshot({ path: file });
    if (viewport !== null) await this.page.setViewportSize(viewport);
    return file;
  }

  close(): Promise<void> {
    return this.page.close();
  }
}

function fakeApi({ memory, theme }: { memory: unknown; theme: ThemeFixture }): void {
  const kept: Recorded = { posted: [], violations: [], state: memory };
  Object.assign(globalThis, {
    recorded: kept,
    acquireVsCodeApi: () => ({
      postMessage: (message: PanelMessage) => void kept.posted.push(structuredClone(message)),
      getState: () => kept.state,
      setState: (state: unknown) => void (kept.state = JSON.parse(JSON.stringify(state))),
    }),
  });
  document.addEventListener('securitypolicyviolation', (event) =>
    kept.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`),
  );
  // VS Code does this before the page's own script runs.
  new MutationObserver((_records, observer) => {
    if (document.body === null) return;
    observer.disconnect();
    for (const [key, value] of Object.entries(theme.variables)) document.documentElement.style.setProperty(`--vscode-${key}`, value);
    document.body.dataset['vscodeThemeKind'] = theme.bodyClass.split(' ').at(-1);
    document.body.className = theme.bodyClass;
  }).observe(document, { childList: true, subtree: true });
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
