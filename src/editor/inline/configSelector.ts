import type { DocumentSelector, TextDocument } from 'vscode';
import { configEnding } from '../../core/config/config.ts';

/** Files, not their old versions in a diff. */
export const configSelector: DocumentSelector = { scheme: 'file', pattern: `**/*${configEnding}` };

export function isConfig(document: TextDocument): boolean {
  return document.uri.scheme === 'file' && document.uri.path.endsWith(configEnding);
}
