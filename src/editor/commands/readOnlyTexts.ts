import { EventEmitter, Uri, window, workspace } from 'vscode';
import { Disposables } from '../disposable.ts';

const scheme = 'otb-text';

/** Texts that are shown in an editor and are no files. */
export class ReadOnlyTexts extends Disposables {
  private readonly changed = this.register(new EventEmitter<Uri>());
  private readonly texts = new Map<string, string>();

  constructor() {
    super();
    this.register(
      workspace.registerTextDocumentContentProvider(scheme, {
        onDidChange: this.changed.event,
        provideTextDocumentContent: ({ path }) =>
          this.texts.get(path) ?? 'This text is gone with the window that showed it. Run the command again.',
      }),
    );
    this.register(workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === scheme && this.texts.delete(uri.path)));
  }

  /** Shows a text under a name, in place of what was shown under it before. */
  async show(name: string, text: string): Promise<void> {
    const uri = Uri.from({ scheme, path: `/${name}` });
    this.texts.set(uri.path, text);
    this.changed.fire(uri);
    await window.showTextDocument(uri, { preview: true });
  }
}
