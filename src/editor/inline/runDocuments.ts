import { EventEmitter, Range, TabInputText, TabInputTextDiff, window, workspace } from 'vscode';
import type { Disposable, DocumentSelector, Tab, TextDocument } from 'vscode';
import { scriptSyntax } from '../../core/inline/scriptText.ts';
import type { TextSpan } from '../../core/inline/textEdit.ts';
import { isOwn } from '../../runs/catalog/runOverview.ts';
import type { CatalogChange, OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { collapseProblems } from '../../runs/inline/collapseProblems.ts';
import type { CollapseProblem } from '../../runs/inline/collapseProblems.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import { ConfigRuns } from '../../runs/inline/configRuns.ts';
import { RealPaths } from '../../runs/inline/realPaths.ts';
import { ScriptOutline, scriptsOf } from '../../runs/inline/scriptOutline.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import { configSelector, filesSelector, isConfig, isScript } from './configSelector.ts';

/** An estimator where it stands in a document. */
export interface EstimatorPlace {
  readonly name: string;
  readonly span: TextSpan;
}

/**
 * The configs that are open, and the scripts and YAML files from which known runs were started: what their text says now, and which runs
 * came from them. Does nothing while none is open.
 */
export class RunDocuments extends Disposables {
  private readonly changed = this.register(new EventEmitter<void>());
  /** One was opened, edited or closed, or there is news of a run of one that is open. */
  readonly onDidChange = this.changed.event;

  private readonly outlines = new WeakMap<TextDocument, { readonly version: number; readonly outline: ConfigOutline | ScriptOutline }>();
  private documentRuns = new WeakMap<TextDocument, ConfigRuns>();
  private readonly startedFrom = new WeakMap<object, readonly string[]>();
  private readonly realPaths = new RealPaths(() => this.forgetRuns());
  private readonly providers = new Set<ScriptProvider>();
  /** The scripts of runs that are open, as providers were last told. */
  private scriptFiles: readonly string[] = [];

  constructor(private readonly runs: WorkspaceRuns) {
    super();
    const concerns = (document: TextDocument): void => {
      if (this.isOfRuns(document)) this.tell();
    };
    this.register(workspace.onDidOpenTextDocument(concerns));
    this.register(workspace.onDidCloseTextDocument(concerns));
    this.register(workspace.onDidChangeTextDocument(({ document }) => concerns(document)));
    this.register(
      window.tabGroups.onDidChangeTabs(({ opened, closed }) => {
        if ([...opened, ...closed].some((tab) => isPossible(shownUri(tab)))) this.tell();
      }),
    );
    this.register(runs.onDidChange((change) => this.takeNews(change)));
    this.register({ dispose: () => this.providers.forEach((provider) => provider.registered?.dispose()) });
    this.tellProviders();
  }

  /** Those that have a tab: VS Code keeps the text of some longer than it shows it. */
  get open(): readonly TextDocument[] {
    const documents = this.loaded.filter((document) => this.isOfRuns(document));
    if (documents.length === 0) return documents;
    const shown = new Set(window.tabGroups.all.flatMap(({ tabs }) => tabs.map(shownUri)));
    return documents.filter(({ uri }) => shown.has(uri.toString()));
  }

  /** Whether a document is a config, or one from which known runs were started. */
  isOfRuns(document: TextDocument): boolean {
    return isConfig(document) || (isScript(document) && this.runsOf(document).groups.length > 0);
  }

  /** Registers a provider for configs, and for scripts as long as they are open and runs of theirs are known. */
  provide(register: (selector: DocumentSelector) => Disposable): Disposable {
    const forConfigs = register(configSelector);
    const provider: ScriptProvider = { register, registered: undefined };
    this.providers.add(provider);
    provide(provider, this.scriptFiles);
    return {
      dispose: () => {
        this.providers.delete(provider);
        provider.registered?.dispose();
        forConfigs.dispose();
      },
    };
  }

  outline(document: TextDocument): ConfigOutline | ScriptOutline {
    const known = this.outlines.get(document);
    if (known?.version === document.version) return known.outline;
    const syntax = scriptSyntax(document.uri.path);
    const text = document.getText();
    const outline = syntax === undefined ? new ConfigOutline(text) : new ScriptOutline(text, syntax);
    this.outlines.set(document, { version: document.version, outline });
    return outline;
  }

  /** Where the estimators stand. */
  estimators(document: TextDocument): readonly EstimatorPlace[] {
    const outline = this.outline(document);
    if (outline instanceof ConfigOutline) return outline.estimators;
    return outline.estimatorsOf(this.runsOf(document)).map(({ estimator, setting }) => ({ name: estimator, span: setting.span }));
  }

  runsOf(document: TextDocument): ConfigRuns {
    let runs = this.documentRuns.get(document);
    if (!runs) {
      runs = new ConfigRuns(this.runs.runs.filter((run): run is OwnRun => this.isOf(document, run)));
      this.documentRuns.set(document, runs);
    }
    return runs;
  }

  problems(document: TextDocument): readonly CollapseProblem[] {
    return collapseProblems(this.outline(document), this.runsOf(document));
  }

  private get loaded(): readonly TextDocument[] {
    return workspace.textDocuments.filter((document) => isConfig(document) || isScript(document));
  }

  private takeNews({ added, changed, removed }: CatalogChange): void {
    const { loaded } = this;
    if (loaded.length === 0) return;
    const news = [...added, ...changed, ...removed];
    const concerned = loaded.filter((document) => news.some((run) => this.isOf(document, run)));
    for (const document of concerned) this.documentRuns.delete(document);
    if (concerned.length > 0) this.tell();
  }

  private isOf(document: TextDocument, run: RunOverview): run is OwnRun {
    if (document.uri.scheme !== 'file' || !isOwn(run)) return false;
    const { configFile } = run.identity.record;
    const from = isConfig(document) ? (configFile ?? []) : this.scriptsOf(run);
    const file = this.realPaths.of(document.uri.fsPath);
    return [from].flat().some((started) => this.realPaths.of(started) === file);
  }

  /** A run's command stays what it is; of those that go on there is news at every step. */
  private scriptsOf(run: OwnRun): readonly string[] {
    const { record } = run.identity;
    const known = this.startedFrom.get(record) ?? scriptsOf(run);
    this.startedFrom.set(record, known);
    return known;
  }

  private forgetRuns(): void {
    this.documentRuns = new WeakMap();
    this.tell();
  }

  private tell(): void {
    this.tellProviders();
    this.changed.fire();
  }

  private tellProviders(): void {
    const files = this.open.filter(isScript).map(({ uri }) => uri.fsPath);
    if (files.join('\n') === this.scriptFiles.join('\n')) return;
    this.scriptFiles = files;
    for (const provider of this.providers) provide(provider, files);
  }
}

interface ScriptProvider {
  readonly register: (selector: DocumentSelector) => Disposable;
  registered: Disposable | undefined;
}

function provide(provider: ScriptProvider, files: readonly string[]): void {
  provider.registered?.dispose();
  provider.registered = files.length === 0 ? undefined : provider.register(filesSelector(files));
}

function shownUri({ input }: Tab): string | undefined {
  if (input instanceof TabInputText) return input.uri.toString();
  return input instanceof TabInputTextDiff ? input.modified.toString() : undefined;
}

function isPossible(uri: string | undefined): boolean {
  return uri !== undefined && (uri.endsWith('.json') || scriptSyntax(uri) !== undefined);
}

export function rangeOf(document: TextDocument, { offset, length }: TextSpan): Range {
  return new Range(document.positionAt(offset), document.positionAt(offset + length));
}
