import { extensions } from 'vscode';
import type { LogOutputChannel } from 'vscode';
import { Disposables } from '../disposable.ts';
import type { ConfigDocuments } from './configDocuments.ts';

/**
 * Completion, hovers and validation by the schema come from VS Code's own JSON support. Our package.json makes it take configs on,
 * but it starts by itself only for the languages that its own package.json names.
 */
export class JsonSupport extends Disposables {
  private started = false;

  constructor(
    private readonly documents: ConfigDocuments,
    private readonly log: LogOutputChannel,
  ) {
    super();
    this.register(documents.onDidChange(() => this.start()));
    this.start();
  }

  private start(): void {
    if (this.started || this.documents.open.length === 0) return;
    this.started = true;
    const json = extensions.getExtension('vscode.json-language-features');
    if (json === undefined) this.log.warn('VS Code’s JSON support is switched off, so configs have no completion and no validation.');
    else json.activate().then(undefined, (error: unknown) => this.log.error(`VS Code’s JSON support does not start: ${String(error)}`));
  }
}
