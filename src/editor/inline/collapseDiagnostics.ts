import { Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Range, Uri, languages } from 'vscode';
import type { DiagnosticCollection, TextDocument } from 'vscode';
import path from 'node:path';
import { collapseCall, hasSurge } from '../../core/records/events.ts';
import { hasCollapsed } from '../../core/records/runState.ts';
import { methodPaper } from '../../core/inline/estimatorPapers.ts';
import { runFiles } from '../../core/records/run.ts';
import type { OwnRun } from '../../runs/catalog/runOverview.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import type { CollapseProblem } from '../../runs/inline/collapseProblems.ts';
import { problemText } from '../../runs/inline/runSentences.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import type { Settings } from '../settings.ts';
import { rangeOf } from './runDocuments.ts';
import type { RunDocuments } from './runDocuments.ts';

/** Other values that decide whether an estimator holds, as the trainers call them. */
const learningRate = [
  ['optimizer', 'learningRate'],
  ['trl', 'learning_rate'],
] as const;
const maxGradNorm = [
  ['optimizer', 'maxGradNorm'],
  ['trl', 'max_grad_norm'],
] as const;

/** Marks an estimator of an open config, or of a script that one started, as a problem when its latest runs collapsed. */
export class CollapseDiagnostics extends Disposables {
  private readonly collection: DiagnosticCollection = this.register(languages.createDiagnosticCollection('otb'));
  /** What was last said of a document; to say it again would make the Problems view flicker. */
  private readonly said = new Map<string, string>();

  constructor(
    private readonly documents: RunDocuments,
    private readonly settings: Settings,
  ) {
    super();
    this.register(new Refreshment(250, () => this.refresh(), [documents.onDidChange, settings.onDidChange]));
  }

  private refresh(): void {
    const open = this.settings.get('collapse.diagnostic') ? this.documents.open : [];
    const uris = new Set(open.map(({ uri }) => uri.toString()));
    for (const uri of this.said.keys()) {
      if (uris.has(uri)) continue;
      this.said.delete(uri);
      this.collection.delete(Uri.parse(uri));
    }
    for (const document of open) this.publish(document);
  }

  private publish(document: TextDocument): void {
    const diagnostics = this.documents.problems(document).map((problem) => this.diagnostic(document, problem));
    const uri = document.uri.toString();
    const saying = JSON.stringify(diagnostics);
    if ((this.said.get(uri) ?? '[]') === saying) return;
    this.said.set(uri, saying);
    this.collection.set(document.uri, diagnostics);
  }

  /** Once the config has changed in what it trains, the collapse is news of the past. */
  private diagnostic(document: TextDocument, problem: CollapseProblem): Diagnostic {
    const { estimator, span, runs, changes } = problem;
    const severity = changes.length === 0 ? DiagnosticSeverity.Warning : DiagnosticSeverity.Information;
    const diagnostic = new Diagnostic(rangeOf(document, span), problemText(estimator, runs, changes), severity);
    diagnostic.source = 'OTB';
    diagnostic.code = { value: 'collapse', target: Uri.parse(methodPaper.url) };
    diagnostic.relatedInformation = this.related(document, problem);
    return diagnostic;
  }

  private related(document: TextDocument, { runs }: CollapseProblem): DiagnosticRelatedInformation[] {
    const first = runs.find(hasCollapsed);
    const outline = this.documents.outline(document);
    const call = first && collapseCall(first.collapseEvents, first.detectedStep);
    const values = outline instanceof ConfigOutline ? valuesOf(document, outline, call !== undefined && hasSurge(call)) : configOf(first);
    if (!first) return values;
    const log = new Location(Uri.file(path.join(first.dir, runFiles.events)), new Range(0, 0, 0, 0));
    return [...values, new DiagnosticRelatedInformation(log, `events of the run with seed ${first.identity.seed}`)];
  }
}

/** @param isSurge whether the collapse came with a surge: else nothing hangs on where the norm is clipped */
function valuesOf(document: TextDocument, outline: ConfigOutline, isSurge: boolean): DiagnosticRelatedInformation[] {
  return [...learningRate, ...(isSurge ? maxGradNorm : [])].flatMap((keys) => {
    const span = outline.keySpan(keys);
    const text = `${keys.join('.')} is ${String(outline.value(keys))}`;
    return span ? [new DiagnosticRelatedInformation(new Location(document.uri, rangeOf(document, span)), text)] : [];
  });
}

/** The config by which a script was started. */
function configOf(run: OwnRun | undefined): DiagnosticRelatedInformation[] {
  const { configFile = null, configLines = {} } = run?.identity.record ?? {};
  if (configFile === null) return [];
  const line = Math.max(0, (configLines['estimator'] ?? 1) - 1);
  const place = new Location(Uri.file(configFile), new Range(line, 0, line, 0));
  return [new DiagnosticRelatedInformation(place, 'the config that started it')];
}
