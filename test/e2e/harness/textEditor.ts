import type { Locator, Page } from 'playwright-core';
import type { ExtensionHost } from './extensionHost.ts';
import { until } from './until.ts';

export type Squiggle = 'error' | 'warning' | 'info';

/** A text editor as a user sees it: what our extension draws between, behind and over its lines. */
export class TextEditor {
  readonly locator: Locator;
  readonly lenses: Locator;

  constructor(
    private readonly page: Page,
    private readonly host: () => ExtensionHost,
    readonly file: string,
  ) {
    this.locator = page.locator(`.editor-instance .monaco-editor[data-uri$="${encodeURI(file)}"]`).first();
    this.lenses = this.locator.locator('.codelens-decoration a');
  }

  lens(text: string | RegExp): Locator {
    return this.lenses.filter({ hasText: text }).first();
  }

  squiggles(kind: Squiggle): Locator {
    return this.locator.locator(`.view-overlays .squiggly-${kind}`);
  }

  /** Texts that decorations add before and after the visible lines' own text. */
  decorations(): Promise<readonly string[]> {
    return this.locator.locator('.view-lines [class*="ced-"]').evaluateAll((elements) => {
      const contents = elements.flatMap((element) => ['::before', '::after'].map((part) => getComputedStyle(element, part).content));
      return contents.filter((content) => /^".+"$/.test(content)).map((content) => content.slice(1, -1).replaceAll('\u00a0', ' '));
    });
  }

  /** The first decoration text that matches, as soon as there is one. */
  decoration(pattern: RegExp): Promise<string> {
    return until(`a decoration like ${pattern} in ${this.file}`, async () => (await this.decorations()).find((text) => pattern.test(text)));
  }

  /** The hover over the first occurrence of `text`, once it contains `expected`. */
  async hover(text: string, expected: string | RegExp): Promise<Locator> {
    await this.placeCursor(text);
    // A hover asks once, and only those who have registered by then.
    await until(`an answer to a hover over ${text}`, () => this.hasHover(text));
    await this.host().evaluate((vscode) => vscode.commands.executeCommand('editor.action.showHover'));
    const hover = this.page.locator('.monaco-hover:visible').filter({ hasText: expected }).first();
    await hover.waitFor();
    return hover;
  }

  /** Titles of the quick fixes at the first occurrence of `text`, with their menu open. */
  async quickFixes(text: string): Promise<readonly string[]> {
    await this.openQuickFixes(text);
    return this.fixes.allInnerTexts();
  }

  async applyQuickFix(text: string, title: string | RegExp): Promise<void> {
    await until(`the quick fix ${title} to be taken`, async () => {
      await this.openQuickFixes(text);
      return this.fixes
        .filter({ hasText: title })
        .first()
        .click({ timeout: 5000 })
        .then(
          () => true,
          () => false,
        );
    });
  }

  /** Asks again as a user would: VS Code drops the question, and closes the menu, where the problems of the file change meanwhile. */
  private async openQuickFixes(text: string): Promise<void> {
    await until(`the quick fixes at ${text}`, async () => {
      if (await this.fixes.first().isVisible()) return true;
      await this.placeCursor(text);
      await this.host().evaluate((vscode) => vscode.commands.executeCommand('editor.action.quickFix'));
      return this.fixes
        .first()
        .waitFor({ timeout: 5000 })
        .then(
          () => true,
          () => false,
        );
    });
  }

  /** The text of the file as the editor has it, saved or not. */
  text(): Promise<string> {
    return this.host().evaluate(
      async (vscode, file) => (await vscode.workspace.openTextDocument(vscode.Uri.file(file))).getText(),
      this.file,
    );
  }

  async placeCursor(text: string): Promise<void> {
    await this.host().evaluate(
      async (vscode, file, wanted) => {
        const editor = await vscode.window.showTextDocument(vscode.Uri.file(file));
        const offset = editor.document.getText().indexOf(wanted);
        if (offset < 0) throw new Error(`${file} does not contain ${wanted}`);
        const position = editor.document.positionAt(offset + 1);
        editor.selection = new vscode.Selection(position, position);
        editor.revealRange(editor.selection);
      },
      this.file,
      text,
    );
  }

  private hasHover(text: string): Promise<boolean> {
    return this.host().evaluate(
      async (vscode, file, wanted) => {
        const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
        const position = document.positionAt(document.getText().indexOf(wanted) + 1);
        return (await vscode.commands.executeCommand<readonly unknown[]>('vscode.executeHoverProvider', document.uri, position)).length > 0;
      },
      this.file,
      text,
    );
  }

  private get fixes(): Locator {
    return this.page.locator('.action-widget .monaco-list-row.action');
  }
}
