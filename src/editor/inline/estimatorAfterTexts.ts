import { Range, ThemeColor, window } from 'vscode';
import type { DecorationOptions, TextDocument, TextEditor } from 'vscode';
import { afterText } from '../../runs/inline/runSentences.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import type { Settings } from '../settings.ts';
import type { RunDocuments } from './runDocuments.ts';

const colors = { muted: new ThemeColor('editorCodeLens.foreground'), warning: new ThemeColor('editorWarning.foreground') } as const;

/** A sparkline and the latest numbers behind each estimator of configs and scripts, in the editors that are visible. */
export class EstimatorAfterTexts extends Disposables {
  private readonly decoration = this.register(window.createTextEditorDecorationType({}));
  /** What stands in an editor now. */
  private readonly shown = new WeakMap<TextEditor, string>();

  constructor(
    private readonly documents: RunDocuments,
    private readonly settings: Settings,
  ) {
    super();
    this.register(
      new Refreshment(250, () => this.refresh(), [documents.onDidChange, settings.onDidChange, window.onDidChangeVisibleTextEditors]),
    );
  }

  private refresh(): void {
    const isOn = this.settings.get('inline.afterText');
    for (const editor of window.visibleTextEditors) {
      const isOfRuns = this.documents.isOfRuns(editor.document);
      if (!isOfRuns && !this.shown.has(editor)) continue;
      const options = isOn && isOfRuns ? this.decorations(editor.document) : [];
      const showing = JSON.stringify(options);
      if ((this.shown.get(editor) ?? '[]') === showing) continue;
      this.shown.set(editor, showing);
      editor.setDecorations(this.decoration, options);
    }
  }

  private decorations(document: TextDocument): DecorationOptions[] {
    const runs = this.documents.runsOf(document);
    const { text } = this.documents.outline(document);
    const estimators = this.documents.estimators(document);
    const placed = estimators.map(({ name, span }) => ({ name, start: document.positionAt(span.offset), end: span.offset + span.length }));
    return placed.flatMap(({ name, start, end }): DecorationOptions[] => {
      const isAlone = placed.filter((other) => other.start.line === start.line).length === 1;
      const after = afterText(runs.latestOf(name), isAlone ? 'long' : 'short');
      if (!after) return [];
      // A script names those that it is given by one variable.
      const isShared = placed.filter((other) => other.start.isEqual(start)).length > 1;
      const contentText = isShared ? `${name} ${after.text}` : after.text;
      const stop = isAlone ? document.lineAt(start.line).range.end : document.positionAt(text[end] === ',' ? end + 1 : end);
      const margin = isAlone ? '0 0 0 2em' : '0 0.8em 0 0.6em';
      return [{ range: new Range(start, stop), renderOptions: { after: { contentText, color: colors[after.tone], margin } } }];
    });
  }
}
