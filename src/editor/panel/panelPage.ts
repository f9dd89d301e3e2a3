import { randomBytes } from 'node:crypto';
import { Uri } from 'vscode';
import type { Webview, WebviewOptions, WebviewPanel, WebviewPanelOptions } from 'vscode';

export const viewType = 'otb.runPanel';
export const lensViewType = 'otb.lens';

/** What a panel's page may do: run the extension's scripts and read its two folders. */
export function pageOptions(extensionUri: Uri): WebviewOptions {
  return { enableScripts: true, localResourceRoots: [Uri.joinPath(extensionUri, 'dist'), Uri.joinPath(extensionUri, 'media')] };
}

/**
 * The same for a panel that is new. Its page is kept while it is hidden, at the cost of its memory, so that it is there at once when it
 * is shown again; to load it anew takes some hundred milliseconds.
 */
export function panelOptions(extensionUri: Uri): WebviewPanelOptions & WebviewOptions {
  return { ...pageOptions(extensionUri), retainContextWhenHidden: true };
}

/** Waits until `ready` settles. Returns whether the panel is still open then: its user need not wait. */
export async function isOpenAfter(panel: WebviewPanel, ready: Promise<unknown>): Promise<boolean> {
  let isOpen = true;
  const closing = panel.onDidDispose(() => (isOpen = false));
  await ready;
  closing.dispose();
  return isOpen;
}

/** The icon of a panel's tab. */
export function panelIcon(extensionUri: Uri): { readonly light: Uri; readonly dark: Uri } {
  return {
    light: Uri.joinPath(extensionUri, 'media', 'panel-light.svg'),
    dark: Uri.joinPath(extensionUri, 'media', 'panel-dark.svg'),
  };
}

/** What a page loads. */
export interface PageFiles {
  /** `NAME.js` and `NAME-style.css` in dist/. */
  readonly name: 'panel' | 'lens';
  readonly title: string;
}

export const runPanelPage: PageFiles = { name: 'panel', title: 'Run panel' };

/** The page of a panel. Its policy lets in nothing but the extension's own files; nothing inline without the nonce, nothing from the network. */
export function pageHtml(webview: Webview, extensionUri: Uri, { name, title }: PageFiles): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (named: string): string => escaped(webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', named)).toString());
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`,
    `font-src ${webview.cspSource}`,
    `img-src ${webview.cspSource} data: blob:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${file(`${name}-style.css`)}" nonce="${nonce}">
<title>${escaped(title)}</title>
</head>
<body>
<script nonce="${nonce}" src="${file(`${name}.js`)}"></script>
</body>
</html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
