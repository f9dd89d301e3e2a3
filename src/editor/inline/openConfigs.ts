import { workspace } from 'vscode';
import type { TextDocument } from 'vscode';
import { showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import { late } from '../late.ts';
import type { Parts } from '../parts.ts';
import { isConfig } from './configSelector.ts';

/** What stands in configs, from when the first of them is open: most windows show none. */
export class OpenConfigs extends Disposables {
  /** What stands in them, whether one is open or not. */
  readonly surfaces = late(async () => {
    const { InlineSurfaces } = await import('./inlineSurfaces.ts');
    return this.register(new InlineSurfaces(this.parts));
  });

  constructor(private readonly parts: Pick<Parts, 'runs' | 'settings' | 'log'>) {
    super();
    this.register(workspace.onDidOpenTextDocument((document) => this.take(document)));
    workspace.textDocuments.forEach((document) => this.take(document));
  }

  private take(document: TextDocument): void {
    if (!isConfig(document)) return;
    this.surfaces().catch((error: unknown) => showFailure('Nothing can be shown in configs', error, this.parts.log));
  }
}
