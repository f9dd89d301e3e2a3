import { Disposable } from 'vscode';
import type { Parts } from '../parts.ts';

/** Everything that stands in a config's own text: problems, lenses, sparklines, hovers, quick fixes. */
export function registerInlineSurfaces(_parts: Pick<Parts, 'runs' | 'settings' | 'log'>): Disposable {
  return Disposable.from();
}
