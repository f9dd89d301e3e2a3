import path from 'node:path';
import { RelativePattern, Uri } from 'vscode';
import type { DocumentFilter, DocumentSelector, TextDocument } from 'vscode';
import { configEnding } from '../../core/config/config.ts';
import { scriptSyntax } from '../../core/inline/scriptText.ts';

/** Files, not their old versions in a diff. */
export const configSelector: DocumentSelector = { scheme: 'file', pattern: `**/*${configEnding}` };

export function isConfig(document: TextDocument): boolean {
  return document.uri.scheme === 'file' && document.uri.path.endsWith(configEnding);
}

/** Whether a document is a script or YAML file, from which a run may have been started. */
export function isScript({ uri }: TextDocument): boolean {
  return uri.scheme === 'file' && scriptSyntax(uri.path) !== undefined;
}

/** These files and, but for odd names, no others. */
export function filesSelector(files: readonly string[]): DocumentSelector {
  return files.map((file): DocumentFilter => {
    // Brackets of a name would be read as a pattern; a question mark stands for any one character.
    const name = path.basename(file).replaceAll(/[[\]{}*]/g, '?');
    return { scheme: 'file', pattern: new RelativePattern(Uri.file(path.dirname(file)), name) };
  });
}
