import { MarkdownString, StatusBarAlignment, ThemeColor, window } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import { runTitle } from '../../runs/catalog/runOverview.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { Disposables } from '../disposable.ts';
import { Refreshment } from '../refreshment.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { Settings } from '../settings.ts';
import type { SeenCollapses } from '../warnings/seenCollapses.ts';
import { markdownText } from './markdownText.ts';
import { runRow, statusText } from './runRow.ts';

/** Least milliseconds between two changes of the item. */
const refreshMs = 500;
/** Runs that fit into the hover. */
const listed = 12;

/** One item in the status bar: how many runs go on, and whether one collapsed. */
export class RunStatusBar extends Disposables {
  private readonly item = this.register(window.createStatusBarItem('otb.runs', StatusBarAlignment.Left));

  constructor(
    private readonly runs: WorkspaceRuns,
    private readonly seen: SeenCollapses,
    private readonly settings: Settings,
  ) {
    super();
    this.item.name = 'OTB runs';
    this.item.command = 'otb.runs.focus';
    this.register(new Refreshment(refreshMs, () => this.refresh(), [runs.onDidChange, seen.onDidChange, settings.onDidChange]));
  }

  private refresh(): void {
    const { runs } = this.runs;
    if (runs.length === 0 || !this.settings.get('statusBar')) return this.item.hide();
    const live = runs.filter(isLive);
    const { unseen } = this.seen;
    const { text, spoken } = statusText({ live, unseen });
    this.item.text = text;
    this.item.backgroundColor = unseen.length > 0 ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: spoken };
    this.item.tooltip = tooltip(live, unseen);
    this.item.show();
  }
}

function tooltip(live: readonly RunOverview[], unseen: readonly RunOverview[]): MarkdownString {
  const text = new MarkdownString('', true);
  if (live.length === 0) text.appendMarkdown('No run is active.');
  list(text, live);
  const ended = unseen.filter((run) => !isLive(run));
  if (ended.length > 0) text.appendMarkdown('\n\nNew collapses:\n\n');
  list(text, ended);
  return text;
}

function list(text: MarkdownString, runs: readonly RunOverview[]): void {
  for (const run of runs.slice(0, listed))
    text.appendMarkdown(`- ${markdownText(`${runTitle(run)}: ${runRow(run, false).description}`)}\n`);
  if (runs.length > listed) text.appendMarkdown(`- and ${runs.length - listed} more\n`);
}
