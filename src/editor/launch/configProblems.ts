import { Diagnostic, DiagnosticSeverity, Range, languages, window, workspace } from 'vscode';
import type { TextDocument, Uri } from 'vscode';
import { formatPath } from '../../core/config/findings.ts';
import { problemSentences } from '../../runs/config/configError.ts';
import type { ConfigError, ConfigProblem } from '../../runs/config/configError.ts';
import { ConfigText } from '../../runs/config/configText.ts';
import { checkConfig } from '../../runs/config/loadConfig.ts';
import { Disposables } from '../disposable.ts';
import { isConfig } from '../inline/configSelector.ts';
import type { Settings } from '../settings.ts';

/** Milliseconds without a keystroke before a config is checked. */
const pauseMs = 300;

/**
 * What is wrong with a config beyond its JSON Schema, as problems. What the schema can say, VS Code's own JSON support says already
 * while the config is open.
 */
export class ConfigProblems extends Disposables {
  private readonly collection = this.register(languages.createDiagnosticCollection('otb-config'));
  private readonly pauses = new Map<string, NodeJS.Timeout>();
  /** Configs that could not be started, and have not been edited since. */
  private readonly refused = new Set<string>();

  constructor(private readonly settings: Settings) {
    super();
    this.register(workspace.onDidOpenTextDocument((document) => this.check(document)));
    this.register(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && this.checkSoon(document)),
    );
    this.register(workspace.onDidCloseTextDocument((document) => this.forget(document)));
    this.register({ dispose: () => this.pauses.forEach((pause) => clearTimeout(pause)) });
    workspace.textDocuments.forEach((document) => this.check(document));
  }

  /** Shows why a config cannot be started: one message, and the problems that nobody else points out. */
  refuse(config: Uri, { problems }: ConfigError, text: string): void {
    const beyond = isOfSchema(text) ? [] : problems.filter(({ line }) => line > 0);
    if (beyond.length > 0) this.refused.add(config.toString());
    this.collection.set(config, diagnostics(beyond, text));
    const [first] = problems;
    if (first === undefined) return;
    const name = workspace.asRelativePath(config);
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    const message = `${name} cannot be started. ${problemSentences(first)}${more}`;
    const show = 'Show';
    void window.showErrorMessage(message, show).then((choice) => {
      if (choice !== show) return;
      reveal(config, first).catch((error: unknown) => void window.showErrorMessage(`${name} was not opened: ${String(error)}`));
    });
  }

  /** A config that was refused can be started now; it may have been changed by another program, while it was not open. */
  accept(config: Uri): void {
    if (this.refused.delete(config.toString())) this.collection.delete(config);
  }

  private check(document: TextDocument): void {
    if (!isConfig(document) || this.refused.has(document.uri.toString())) return;
    this.collection.set(document.uri, diagnostics(problemsBeyondSchema(document, this.settings.get('launch.engine')), document.getText()));
  }

  private checkSoon(document: TextDocument): void {
    if (!isConfig(document)) return;
    const key = document.uri.toString();
    this.refused.delete(key);
    clearTimeout(this.pauses.get(key));
    this.pauses.set(
      key,
      setTimeout(() => {
        this.pauses.delete(key);
        this.check(document);
      }, pauseMs),
    );
  }

  private forget({ uri }: TextDocument): void {
    const key = uri.toString();
    clearTimeout(this.pauses.get(key));
    this.pauses.delete(key);
    if (!this.refused.has(key)) this.collection.delete(uri);
  }
}

function problemsBeyondSchema(document: TextDocument, engine: string): readonly ConfigProblem[] {
  const text = new ConfigText(document.getText());
  if (text.excess) {
    const { path, ...problem } = text.excess;
    return [{ file: document.fileName, key: formatPath(path), ...problem }];
  }
  const { config, findings } = text.value === undefined ? { config: undefined, findings: [] } : checkConfig(text.value, engine);
  if (config === undefined) return [];
  return findings.map(({ path, message, remedy }) => ({
    file: document.fileName,
    ...text.locate(path),
    key: formatPath(path),
    message,
    remedy,
  }));
}

/** Whether a text breaks the schema, or is no JSON: then there are no other problems yet. */
function isOfSchema(text: string): boolean {
  const { value, excess } = new ConfigText(text);
  return excess === undefined && (value === undefined || checkConfig(value).config === undefined);
}

function diagnostics(problems: readonly ConfigProblem[], text: string): Diagnostic[] {
  const lines = text.split(/\r\n|\n|\r/);
  return problems.map((problem) => {
    const diagnostic = new Diagnostic(rangeOf(problem, lines), problemSentences(problem), DiagnosticSeverity.Error);
    diagnostic.source = 'OTB';
    return diagnostic;
  });
}

/** The key or value at which a problem begins. */
function rangeOf({ line, column }: ConfigProblem, lines: readonly string[]): Range {
  const rest = lines[line - 1]?.slice(column - 1) ?? '';
  const [word = ''] = /^"(?:[^"\\]|\\.)*"|^[^\s,\]}]+/.exec(rest) ?? [];
  return new Range(line - 1, column - 1, line - 1, column - 1 + word.length);
}

async function reveal(config: Uri, { line, column }: ConfigProblem): Promise<void> {
  const document = await workspace.openTextDocument(config);
  const at = Math.max(0, line - 1);
  await window.showTextDocument(document, { selection: new Range(at, Math.max(0, column - 1), at, Math.max(0, column - 1)) });
}
