import { ViewColumn, window, workspace } from 'vscode';
import type { LogOutputChannel, Uri, WebviewPanel } from 'vscode';
import { estimatorNamed } from '../../core/estimators/registry.ts';
import { parseLensMemory } from '../../core/lens/parseMessages.ts';
import { isOwn, runName } from '../../runs/catalog/runOverview.ts';
import type { OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { rolloutsOfRun } from '../../runs/rollouts/formats/rolloutsOfRun.ts';
import { parsePlace, placeText } from '../../runs/rollouts/rolloutSource.ts';
import type { RolloutPlace } from '../../runs/rollouts/rolloutSource.ts';
import { stepFiles } from '../../runs/rollouts/stepFiles.ts';
import type { CommandWork } from '../commands/registerCommand.ts';
import { RunChoice } from '../commands/runChoice.ts';
import type { RunQuestion } from '../commands/runChoice.ts';
import { urisOf } from '../commands/sourceCommands.ts';
import { Disposables } from '../disposable.ts';
import { isOpenAfter, lensViewType, panelIcon, panelOptions } from '../panel/panelPage.ts';
import type { Programs } from '../programs.ts';
import { stepCalledOn } from '../runSelection.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { RunsView } from '../view/runsView.ts';
import type { LensCommand } from './lateLenses.ts';
import { LensPanel } from './lensPanel.ts';
import { noRollouts } from './noRollouts.ts';
import { chosenRollouts } from './openForeign.ts';

export interface LensPanelsOptions {
  readonly runs: WorkspaceRuns;
  /** What is selected there is what a command without arguments is about. */
  readonly view: Pick<RunsView, 'selection'>;
  readonly programs: Programs;
  readonly log: LogOutputChannel;
  readonly extensionUri: Uri;
}

const question: RunQuestion = {
  title: 'Show rollouts',
  which: () => true,
  none: 'There is no run in this workspace. Rollouts without one can be opened with OTB: Open rollouts.',
  selection: 'runs and groups',
};

/** All token lenses of this window, one a place: opens and restores them. */
export class LensPanels extends Disposables {
  /** What the commands do that are about rollouts. */
  readonly commands: Readonly<Record<LensCommand, CommandWork>> = {
    'otb.showRollouts': async (...args) => {
      const run = await this.choice.one(args, question);
      if (run && isOwn(run)) await this.showRun(run, stepCalledOn(args));
      else if (run) await this.showForeign(run, stepCalledOn(args));
    },
    'otb.openRollouts': async (...args) => {
      const chosen = await chosenRollouts(urisOf(args)?.[0]);
      if (chosen) this.open(chosen.place, chosen.step);
    },
  };
  private readonly choice: RunChoice;
  private readonly panels = new Map<string, LensPanel>();

  constructor(private readonly options: LensPanelsOptions) {
    super();
    this.choice = new RunChoice(options);
  }

  /** Opens the lens of a place, or shows the one that is open, at a step; null: the last one of a lens that is new. */
  open(place: RolloutPlace, step: number | null): void {
    const open = this.panels.get(placeText(place));
    if (open !== undefined) open.reveal(step);
    else
      this.adopt(window.createWebviewPanel(lensViewType, 'OTB', ViewColumn.Active, panelOptions(this.options.extensionUri)), place, step);
  }

  /** Takes over the panel of a window that was reloaded. */
  async restore(panel: WebviewPanel, state: unknown): Promise<void> {
    const memory = parseLensMemory(state);
    const place = typeof memory === 'string' ? undefined : parsePlace(memory.place);
    if (typeof memory === 'string' || place === undefined) {
      this.options.log.warn(`Rollouts were not shown again: ${typeof memory === 'string' ? memory : 'memory.place is no place'}.`);
      panel.dispose();
      return;
    }
    // What a run is called is known then.
    if (!(await isOpenAfter(panel, this.options.runs.ready))) return;
    const run = this.options.runs.get(place.path);
    this.adopt(panel, run && isOwn(run) ? placeOf(run) : place, memory.step);
  }

  override dispose(): void {
    for (const panel of this.panels.values()) panel.dispose();
    super.dispose();
  }

  private async showRun(run: OwnRun, step: number | null): Promise<void> {
    const shown = await writtenStep(placeOf(run), step);
    if (shown === undefined) void window.showInformationMessage(noRollouts(run));
    else this.open(placeOf(run), shown);
  }

  /** Of a run of another program, where its files say or where they usually are. */
  private async showForeign(run: RunOverview, step: number | null): Promise<void> {
    const place = this.options.runs.placeOf(run.dir);
    const roots = (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
    const found = await rolloutsOfRun({ source: place?.source ?? run.dir, parameters: run.identity.config, roots });
    if (typeof found === 'string') {
      void window.showInformationMessage(found);
      return;
    }
    const named = { ...found, name: runName(run), estimator: estimatorNamed(run.identity.estimator) };
    this.open(named, step === null ? null : ((await writtenStep(named, step)) ?? null));
  }

  private adopt(webviewPanel: WebviewPanel, place: RolloutPlace, step: number | null): void {
    const { programs, log, extensionUri } = this.options;
    webviewPanel.iconPath = panelIcon(extensionUri);
    const panel = new LensPanel(webviewPanel, { place, step, programs, log, extensionUri });
    const key = placeText(place);
    this.panels.set(key, panel);
    webviewPanel.onDidDispose(() => {
      panel.dispose();
      if (this.panels.get(key) === panel) this.panels.delete(key);
    });
  }
}

function placeOf(run: OwnRun): RolloutPlace {
  return { format: 'run', path: run.dir, name: runName(run), estimator: estimatorNamed(run.identity.estimator) };
}

/** The last step up to `step` (null: of all) that has a file, else the first; undefined: none has one of its own. */
async function writtenStep(place: RolloutPlace, step: number | null): Promise<number | undefined> {
  const steps = [...((await stepFiles(place))?.keys() ?? [])];
  return step === null ? steps.at(-1) : (steps.findLast((each) => each <= step) ?? steps[0]);
}
