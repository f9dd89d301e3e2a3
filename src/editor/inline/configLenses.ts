import { CodeLens, EventEmitter, Range, languages } from 'vscode';
import type { CodeLensProvider, TextDocument } from 'vscode';
import { isLive } from '../../runs/catalog/runOverview.ts';
import type { StartedGroup } from '../../runs/inline/configRuns.ts';
import { outcomeText, runningText } from '../../runs/inline/runSentences.ts';
import { Disposables } from '../disposable.ts';
import type { GroupNode } from '../runSelection.ts';
import type { Settings } from '../settings.ts';
import { configSelector, rangeOf } from './configDocuments.ts';
import type { ConfigDocuments } from './configDocuments.ts';
import { Throttle } from './throttle.ts';

/** Start, compare and the last result, above the estimators of a config. */
export class ConfigLenses extends Disposables implements CodeLensProvider {
  private readonly changed = this.register(new EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly throttle = this.register(new Throttle(500, () => this.changed.fire()));

  constructor(
    private readonly documents: ConfigDocuments,
    private readonly settings: Settings,
  ) {
    super();
    this.register(documents.onDidChange(() => this.throttle.request()));
    this.register(settings.onDidChange(() => this.throttle.request()));
    this.register(languages.registerCodeLensProvider(configSelector, this));
  }

  provideCodeLenses(document: TextDocument): CodeLens[] {
    if (!this.settings.get('inline.lens')) return [];
    const outline = this.documents.outline(document);
    const place = outline.keySpan(['estimators']) ?? outline.keySpan(['name']);
    const range = place ? rangeOf(document, place) : new Range(0, 0, 0, 0);
    const { latest } = this.documents.runsOf(document);
    const start = new CodeLens(range, { title: '$(play) Start', tooltip: 'Start a run for each estimator and seed', command: 'otb.startRun', arguments: [document.uri] });
    return latest ? groupLenses(range, latest, start) : [start];
  }
}

function groupLenses(range: Range, latest: StartedGroup, start: CodeLens): CodeLens[] {
  const node: GroupNode = { kind: 'group', runsDir: latest.runsDir, group: latest.group };
  const isRunning = latest.runs.some(isLive);
  const stop = new CodeLens(range, { title: '$(debug-stop) Stop all', tooltip: 'Stop all runs of the group', command: 'otb.stopGroup', arguments: [node] });
  const compare = new CodeLens(range, { title: 'Compare', tooltip: 'Show the latest runs side by side', command: 'otb.compareRuns', arguments: [node] });
  const title = isRunning ? runningText(latest) : `last: ${outcomeText(latest)}`;
  const outcome = new CodeLens(range, { title, tooltip: 'Open the run panel', command: 'otb.openPanel', arguments: [node] });
  return [isRunning ? stop : start, ...(latest.runs.length > 1 ? [compare] : []), outcome];
}
