import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { patience } from '../../e2e/harness/until.ts';
import { themes } from './themes.ts';
import type { ThemeFixture, ThemeName } from './themes.ts';

export interface WebviewPageOptions {
  readonly theme?: ThemeName;
  readonly width?: number;
  readonly height?: number;
  /** What an earlier page of the same one left. */
  readonly memory?: unknown;
  readonly reducedMotion?: boolean;
}

/** What the fake API keeps in the page. */
interface Recorded {
  readonly posted: unknown[];
  readonly violations: string[];
  state: unknown;
}
declare const recorded: Recorded;

/** What a page says has a type. */
interface Said {
  readonly type: string;
}

const origin = 'http://panel.test';
// As the extension sets it, with the page's own origin for VS Code's.
const policy = `default-src 'none'; script-src 'nonce-test'; style-src ${origin} 'nonce-test'; font-src ${origin}; img-src ${origin} data: blob:`;

/** A built page of the extension in a real browser, with a fake extension behind it. */
export class WebviewPage<Message extends Said, Memory> {
  constructor(readonly page: Page) {}

  /** `name`: of its bundles, `dist/name.js` and `dist/name-style.css`. */
  protected static async load(browser: Browser, name: string, options: WebviewPageOptions): Promise<Page> {
    const { theme = 'dark', width = 1200, height = 900, memory, reducedMotion = false } = options;
    const page = await browser.newPage({ viewport: { width, height }, reducedMotion: reducedMotion ? 'reduce' : 'no-preference' });
    page.setDefaultTimeout(patience);
    const file = (ending: string): Buffer => readFileSync(path.resolve('dist', `${name}${ending}`));
    await page.route(`${origin}/**`, (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === '/') return route.fulfill({ contentType: 'text/html', body: markupOf(name) });
      if (pathname === `/${name}.js`) return route.fulfill({ contentType: 'text/javascript', body: file('.js') });
      if (pathname === `/${name}-style.css`) return route.fulfill({ contentType: 'text/css', body: file('-style.css') });
      return route.abort();
    });
    await page.addInitScript(fakeApi, { memory, theme: themes[theme] as ThemeFixture });
    await page.goto(`${origin}/`);
    return page;
  }

  /** Delivers anything at all. */
  async sendRaw(message: unknown): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, '*'), message);
    await this.page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  }

  /** What the page has said so far. */
  posted(): Promise<readonly Message[]> {
    return this.page.evaluate(() => recorded.posted as Message[]);
  }

  /** What it has said of one type. */
  async postedOf<T extends Message['type']>(type: T): Promise<readonly Extract<Message, { type: T }>[]> {
    return (await this.posted()).filter((message): message is Extract<Message, { type: T }> => message.type === type);
  }

  /** What it remembers, after the moment for which it gathers what to remember: the page's own timers end in the order in which they should. */
  memory(): Promise<Memory | undefined> {
    return this.page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      return recorded.state as Memory | undefined;
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

function markupOf(name: string): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/${name}-style.css" nonce="test"><title>Page</title></head>
<body><script nonce="test" src="/${name}.js"></script></body></html>`;
}

function fakeApi({ memory, theme }: { memory: unknown; theme: ThemeFixture }): void {
  const kept: Recorded = { posted: [], violations: [], state: memory };
  Object.assign(globalThis, {
    recorded: kept,
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => void kept.posted.push(structuredClone(message)),
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
