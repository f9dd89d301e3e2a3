import { CodeAction, CodeActionKind, WorkspaceEdit, languages } from 'vscode';
import type { CodeActionContext, CodeActionProvider, Diagnostic, Range, TextDocument } from 'vscode';
import { collapseFixes } from '../../runs/inline/collapseFixes.ts';
import type { CollapseFix } from '../../runs/inline/collapseFixes.ts';
import { Disposables } from '../disposable.ts';
import type { Settings } from '../settings.ts';
import { rangeOf } from './runDocuments.ts';
import type { RunDocuments } from './runDocuments.ts';

/** What can be done about a collapse, on its problem in a config or script. */
export class CollapseQuickFixes extends Disposables implements CodeActionProvider {
  constructor(
    private readonly documents: RunDocuments,
    private readonly settings: Settings,
  ) {
    super();
    const providedCodeActionKinds = [CodeActionKind.QuickFix];
    this.register(documents.provide((selector) => languages.registerCodeActionsProvider(selector, this, { providedCodeActionKinds })));
  }

  provideCodeActions(document: TextDocument, range: Range, { diagnostics }: CodeActionContext): CodeAction[] {
    if (!this.settings.get('inline.quickFixes')) return [];
    const outline = this.documents.outline(document);
    return this.documents.problems(document).flatMap((problem) => {
      const place = rangeOf(document, problem.span);
      if (!place.intersection(range)) return [];
      const fixed = diagnostics.filter((diagnostic) => diagnostic.source === 'OTB' && diagnostic.range.isEqual(place));
      return collapseFixes(outline, problem).map((fix, index) => codeAction(document, fix, fixed, index === 0 && fix.kind === 'edit'));
    });
  }
}

function codeAction(document: TextDocument, fix: CollapseFix, diagnostics: Diagnostic[], isPreferred: boolean): CodeAction {
  const action = new CodeAction(fix.title, CodeActionKind.QuickFix);
  action.diagnostics = diagnostics;
  action.isPreferred = isPreferred;
  if (fix.kind === 'command') {
    action.command = { title: fix.title, command: fix.command, arguments: [fix.runs, ...(fix.branch ? [fix.branch] : [])] };
    return action;
  }
  action.edit = new WorkspaceEdit();
  for (const edit of fix.edits) action.edit.replace(document.uri, rangeOf(document, edit), edit.content);
  return action;
}
