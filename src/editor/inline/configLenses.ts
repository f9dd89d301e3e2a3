import { CodeLens, EventEmitter, Range, Uri, languages } from 'vscode';
import type { CodeLensProvider, TextDocument } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import { ConfigOutline } from '../../runs/inline/configOutline.ts';
import type { StartedGroup } from '../../runs/inline/configRuns.ts';
import type { Waiting } from '../../runs/launcher/waitingRuns.ts';
import { outcomeText, runningText } from '../../runs/inline/runSentences.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import type { GroupNode } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import { isConfig } from './configSelector.ts';
import { rangeOf } from './runDocuments.ts';
import type { RunDocuments } from './runDocuments.ts';

/** Start, compare and the last result, above the estimators of a config, and above the first in a script that it starts. */
export class ConfigLenses extends Disposables implements CodeLensProvider {
  private readonly changed = this.register(new EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  /** What editors of a document may show: all that was answered since VS Code was last told to ask anew, and what there was to answer then. */
  private readonly shown = new WeakMap<TextDocument, Set<string>>();

  constructor(
    private readonly documents: RunDocuments,
    private readonly runs: Pick<WorkspaceRuns, 'onDidChangeWaiting' | 'waitingIn'>,
    private readonly settings: Settings,
  ) {
    super();
    this.register(new Refreshment(500, () => this.refresh(), [documents.onDidChange, settings.onDidChange, runs.onDidChangeWaiting]));
    this.register(documents.provide((selector) => languages.registerCodeLensProvider(selector, this)));
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    const lenses = this.lensesOf(document);
    const shown = this.shown.get(document) ?? new Set();
    this.shown.set(document, shown.add(textOf(lenses)));
    return lenses;
  }

  private lensesOf(document: TextDocument): CodeLens[] {
    if (!this.settings.get('inline.lens')) return [];
    const { latest } = this.documents.runsOf(document);
    const range = this.placeIn(document);
    const config = isConfig(document) ? document.uri : configOf(latest);
    if (!range) return [];
    const tooltip = 'Start a run for each estimator and seed';
    const start = config && new CodeLens(range, { title: '$(play) Start', tooltip, command: 'otb.startRun', arguments: [config] });
    return latest ? groupLenses(range, latest, this.runs.waitingIn(latest), start) : [start ?? []].flat();
  }

  private placeIn(document: TextDocument): Range | undefined {
    const outline = this.documents.outline(document);
    if (outline instanceof ConfigOutline) {
      const place = outline.keySpan(['estimators']) ?? outline.keySpan(['name']);
      return place ? rangeOf(document, place) : new Range(0, 0, 0, 0);
    }
    const [first] = this.documents.estimators(document);
    return first && rangeOf(document, first.span);
  }

  /** VS Code waits for a pause between requests to ask anew: while runs go on there would be none, if each of their steps made one. */
  private refresh(): void {
    const now = this.documents.open.map((document) => ({ document, text: textOf(this.lensesOf(document)) }));
    const isOld = ({ document, text }: (typeof now)[number]) => [...(this.shown.get(document) ?? [])].some((shown) => shown !== text);
    if (!now.some(isOld)) return;
    for (const { document, text } of now) this.shown.set(document, new Set([text]));
    this.changed.fire();
  }
}

function textOf(lenses: readonly CodeLens[]): string {
  return JSON.stringify(lenses.map(({ command }) => command));
}

function nodeOf({ runsDir, group }: StartedGroup): GroupNode {
  return { kind: 'group', runsDir, group };
}

/** The config that started runs of a script; undefined: nobody knows. */
function configOf(latest: StartedGroup | undefined): Uri | undefined {
  const file = latest?.runs[0]?.identity.record.configFile ?? null;
  return file === null ? undefined : Uri.file(file);
}

function groupLenses(range: Range, latest: StartedGroup, waiting: Waiting, start: CodeLens | undefined): CodeLens[] {
  const node = nodeOf(latest);
  const toCome = waiting.isLost ? 0 : waiting.runs.length;
  const isRunning = latest.runs.some(isLive) || toCome + waiting.resuming.length > 0;
  const stop = new CodeLens(range, {
    title: '$(debug-stop) Stop all',
    tooltip: 'Stop all runs of the group',
    command: 'otb.stopGroup',
    arguments: [node],
  });
  const compare = new CodeLens(range, {
    title: 'Compare',
    tooltip: 'Show the latest runs side by side',
    command: 'otb.compareRuns',
    arguments: [node],
  });
  const title = isRunning ? runningText(latest, toCome, waiting.resuming.length) : `last: ${outcomeText(latest)}`;
  const outcome = new CodeLens(range, { title, tooltip: 'Open the run panel', command: 'otb.openPanel', arguments: [node] });
  return [...(isRunning ? [stop] : start ? [start] : []), ...(latest.runs.length > 1 ? [compare] : []), outcome];
}
