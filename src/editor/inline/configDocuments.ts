import { EventEmitter, Range, TabInputText, TabInputTextDiff, window, workspace } from 'vscode';
import type { Tab, TextDocument } from 'vscode';
import type { TextSpan } from '../../core/inline/textEdit.ts';
import { isOwn } from '../../runs/catalog/runOverview.ts';
import type { OwnRun, CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import { collapseProblems } from '../../runs/inline/collapseProblems.ts';
import type { CollapseProblem } from '../../runs/inline/collapseProblems.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import type { NamedEstimator } from '../../runs/inline/configOutline.ts';
import { ConfigRuns } from '../../runs/inline/configRuns.ts';
import { RealPaths } from '../../runs/inline/realPaths.ts';
import { Disposables } from '../disposable.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import { isConfig } from './configSelector.ts';

/** The configs that are open, what their text says now, and which runs came from them. Does nothing while none is open. */
export class ConfigDocuments extends Disposables {
  private readonly changed = this.register(new EventEmitter<void>());
  /** A config was opened, edited or closed, or there is news of a run of one that is open. */
  readonly onDidChange = this.changed.event;

  private readonly outlines = new WeakMap<TextDocument, { readonly version: number; readonly outline: ConfigOutline }>();
  private configRuns = new WeakMap<TextDocument, ConfigRuns>();
  private readonly realPaths = new RealPaths(() => this.forgetRuns());

  constructor(private readonly runs: WorkspaceRuns) {
    super();
    const concerns = (document: TextDocument): void => {
      if (isConfig(document)) this.changed.fire();
    };
    this.register(workspace.onDidOpenTextDocument(concerns));
    this.register(workspace.onDidChangeTextDocument(({ document }) => concerns(document)));
    this.register(
      window.tabGroups.onDidChangeTabs(({ opened, closed }) => {
        if ([...opened, ...closed].some((tab) => shownUri(tab)?.endsWith('.json'))) this.changed.fire();
      }),
    );
    this.register(runs.onDidChange((change) => this.takeNews(change)));
  }

  /** Those that have a tab: VS Code keeps the text of some longer than it shows it. */
  get open(): readonly TextDocument[] {
    const { loaded } = this;
    if (loaded.length === 0) return loaded;
    const shown = new Set(window.tabGroups.all.flatMap(({ tabs }) => tabs.map(shownUri)));
    return loaded.filter(({ uri }) => shown.has(uri.toString()));
  }

  outline(document: TextDocument): ConfigOutline {
    const known = this.outlines.get(document);
    if (known?.version === document.version) return known.outline;
    const outline = new ConfigOutline(document.getText());
    this.outlines.set(document, { version: document.version, outline });
    return outline;
  }

  runsOf(document: TextDocument): ConfigRuns {
    let runs = this.configRuns.get(document);
    if (!runs)
      this.configRuns.set(document, (runs = new ConfigRuns(this.runs.runs.filter((run): run is OwnRun => this.isOf(document, run)))));
    return runs;
  }

  problems(document: TextDocument): readonly CollapseProblem[] {
    return collapseProblems(this.outline(document), this.runsOf(document));
  }

  private get loaded(): readonly TextDocument[] {
    return workspace.textDocuments.filter(isConfig);
  }

  private takeNews({ added, changed, removed }: CatalogChange): void {
    const { loaded } = this;
    if (loaded.length === 0) return;
    const news = [...added, ...changed, ...removed];
    const concerned = loaded.filter((document) => news.some((run) => this.isOf(document, run)));
    for (const document of concerned) this.configRuns.delete(document);
    if (concerned.length > 0) this.changed.fire();
  }

  private isOf(document: TextDocument, run: RunOverview): run is OwnRun {
    if (document.uri.scheme !== 'file' || !isOwn(run)) return false;
    const { configFile } = run.identity.record;
    return configFile !== null && this.realPaths.of(configFile) === this.realPaths.of(document.uri.fsPath);
  }

  private forgetRuns(): void {
    this.configRuns = new WeakMap();
    this.changed.fire();
  }
}

function shownUri({ input }: Tab): string | undefined {
  if (input instanceof TabInputText) return input.uri.toString();
  return input instanceof TabInputTextDiff ? input.modified.toString() : undefined;
}

export function rangeOf(document: TextDocument, { offset, length }: TextSpan): Range {
  return new Range(document.positionAt(offset), document.positionAt(offset + length));
}

/** The estimator whose string is at a place. */
export function estimatorAt(document: TextDocument, outline: ConfigOutline, range: Range): NamedEstimator | undefined {
  return outline.estimators.find(({ span }) => rangeOf(document, span).intersection(range) !== undefined);
}
