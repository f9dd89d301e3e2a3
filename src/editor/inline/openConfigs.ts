import { workspace } from 'vscode';
import type { TextDocument } from 'vscode';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import { late } from '../late.ts';
import type { Parts } from '../parts.ts';
import { isConfig, isScript } from './configSelector.ts';

/** What stands in configs, and in scripts that runs were started from, from when the first of them is open: most windows show none. */
export class OpenConfigs extends Disposables {
  /** What stands in them, whether one is open or not. */
  readonly surfaces = late(async () => {
    const { InlineSurfaces } = await import('./inlineSurfaces.ts');
    return this.register(new InlineSurfaces(this.parts));
  });

  constructor(private readonly parts: Pick<Parts, 'runs' | 'settings' | 'log'>) {
    super();
    this.register(workspace.onDidOpenTextDocument((document) => this.take(document)));
    this.register(
      parts.runs.onDidChange(({ added }) => {
        if (added.some(isByCommand)) workspace.textDocuments.forEach((document) => this.take(document));
      }),
    );
    workspace.textDocuments.forEach((document) => this.take(document));
  }

  private take(document: TextDocument): void {
    if (!isConfig(document) && !(isScript(document) && this.parts.runs.runs.some(isByCommand))) return;
    this.surfaces().catch((error: unknown) => showFailure('Nothing can be shown in configs', error, this.parts.log));
  }
}

/** Only such a run was started from a script. */
function isByCommand({ identity }: RunOverview): boolean {
  return identity.kind === 'command';
}
