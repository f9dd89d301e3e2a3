import { Disposable } from 'vscode';
import type { Parts } from '../parts.ts';
import { CollapseDiagnostics } from './collapseDiagnostics.ts';
import { CollapseQuickFixes } from './collapseQuickFixes.ts';
import { ConfigDocuments } from './configDocuments.ts';
import { ConfigLenses } from './configLenses.ts';
import { EstimatorAfterTexts } from './estimatorAfterTexts.ts';
import { EstimatorHovers } from './estimatorHovers.ts';

/** Everything that stands in a config's own text: problems, lenses, sparklines, hovers, quick fixes. */
export function registerInlineSurfaces({ runs, settings, log }: Pick<Parts, 'runs' | 'settings' | 'log'>): Disposable {
  const documents = new ConfigDocuments(runs);
  return Disposable.from(
    documents,
    new CollapseDiagnostics(documents, settings),
    new EstimatorAfterTexts(documents, settings),
    new ConfigLenses(documents, runs, settings),
    new EstimatorHovers(documents, runs, settings, log),
    new CollapseQuickFixes(documents, settings),
  );
}
