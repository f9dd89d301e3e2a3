import type { Page, Request } from 'playwright-core';
import { extensionId } from './installation.ts';

/** Watches a page for what its panels of our extension must not do: ask other machines for anything, throw, or break their own rules. */
export class PanelOffences {
  readonly requests: string[] = [];
  readonly errors: string[] = [];

  constructor(page: Page) {
    page.on('request', (request) => {
      if (isOutside(request.url()) && isFromOurPanel(request)) this.requests.push(request.url());
    });
    page.on('pageerror', (error) => {
      if (error.stack?.includes(extensionId)) this.errors.push(error.stack);
    });
    // What the browser refuses by the content security policy is a message on the console.
    page.on('console', (message) => {
      if (message.type() === 'error' && message.location().url.includes(extensionId)) this.errors.push(message.text());
    });
  }
}

/** The names under vscode-cdn.net are no machines: VS Code's service worker answers for them, from the extension's own files. */
function isOutside(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return /^(https?|wss?):$/.test(protocol) && !/(^|\.)(localhost|vscode-resource\.vscode-cdn\.net)$|^127\.0\.0\.1$/.test(hostname);
}

/** Whether one of the frames around a request is a webview of our extension. */
function isFromOurPanel(request: Request): boolean {
  if (request.serviceWorker() !== null) return false;
  for (let frame = request.frame(); ;) {
    if (frame.url().includes(`extensionId=${extensionId}`)) return true;
    const parent = frame.parentFrame();
    if (parent === null) return false;
    frame = parent;
  }
}
