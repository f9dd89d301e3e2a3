import type { Parts } from '../parts.ts';
import { Disposables } from '../disposable.ts';
import { ConfigProblems } from '../launch/configProblems.ts';
import { CollapseDiagnostics } from './collapseDiagnostics.ts';
import { CollapseQuickFixes } from './collapseQuickFixes.ts';
import { ConfigLenses } from './configLenses.ts';
import { EstimatorAfterTexts } from './estimatorAfterTexts.ts';
import { EstimatorHovers } from './estimatorHovers.ts';
import { PolicySizeHovers } from './policySizeHovers.ts';
import { RunDocuments } from './runDocuments.ts';

/** Everything that stands in the text of configs and of the scripts that they start: problems, lenses, sparklines, hovers, quick fixes. */
export class InlineSurfaces extends Disposables {
  readonly problems: ConfigProblems;

  constructor({ runs, settings, log }: Pick<Parts, 'runs' | 'settings' | 'log'>) {
    super();
    this.problems = this.register(new ConfigProblems(settings));
    const documents = this.register(new RunDocuments(runs));
    this.register(new CollapseDiagnostics(documents, settings));
    this.register(new EstimatorAfterTexts(documents, settings));
    this.register(new ConfigLenses(documents, runs, settings));
    this.register(new EstimatorHovers(documents, runs, settings, log));
    this.register(new PolicySizeHovers(documents, settings));
    this.register(new CollapseQuickFixes(documents, settings));
  }
}
