import { randomBytes } from 'node:crypto';
import { Uri } from 'vscode';
import type { Webview, WebviewOptions, WebviewPanelOptions } from 'vscode';

export const viewType = 'otb.runPanel';

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

/** The page of a run panel. Its policy lets in nothing but the extension's own files; nothing inline without the nonce, nothing from the network. */
export function pageHtml(webview: Webview, extensionUri: Uri): string {
  const nonce = randomBytes(16).toString('base64');
  const file = (name: string): string => escaped(webview.asWebviewUri(Uri.joinPath(extensionUri, 'dist', name)).toString());
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
<link rel="stylesheet" href="${file('panel-style.css')}" nonce="${nonce}">
<title>Run panel</title>
</head>
<body>
<script nonce="${nonce}" src="${file('panel.js')}"></script>
</body>
</html>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
