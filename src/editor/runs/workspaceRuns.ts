import os from 'node:os';
import path from 'node:path';
import type { Event, LogOutputChannel } from 'vscode';
import { EventEmitter, window, workspace } from 'vscode';
import { isArchived } from '../../core/records/runState.ts';
import { RunCatalog } from '../../runs/catalog/runCatalog.ts';
import type { OpenRun } from '../../runs/catalog/openRuns.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import type { CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import type { LabelChange } from '../../runs/labels/labelsFile.ts';
import { RunLabels } from '../../runs/labels/runLabels.ts';
import { defaultRunsDir } from '../../runs/launcher/runsFolder.ts';
import { runDirectory } from '../../runs/launcher/trainingPlan.ts';
import { WaitingRuns } from '../../runs/launcher/waitingRuns.ts';
import type { QueuedGroup, Waiting } from '../../runs/launcher/waitingRuns.ts';
import type { RunPlace } from '../../runs/sources/format.ts';
import { Disposables } from '../disposable.ts';
import type { Programs } from '../programs.ts';
import { isIn } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';
import type { Settings } from '../settings.ts';
import type { RunDecisions } from './runDecisions.ts';

/** The runs of this window: those under `.otb/runs` of its folders, under the folders that the settings name, and what was opened. */
export class WorkspaceRuns extends Disposables {
  private readonly changed = this.register(new EventEmitter<CatalogChange>());
  private readonly changedWaiting = this.register(new EventEmitter<void>());
  /** What waits in some group is something else than before. */
  readonly onDidChangeWaiting = this.changedWaiting.event;
  private readonly catalog: RunCatalog;
  private readonly waiting: WaitingRuns;
  private readonly labels: RunLabels;
  private lookedAt: readonly string[] = [];
  /** The runs that are listed, of which all of the catalog's. */
  private listed: { readonly of: readonly RunOverview[]; readonly runs: readonly RunOverview[] } = { of: [], runs: [] };

  constructor(
    private readonly settings: Settings,
    private readonly log: LogOutputChannel,
    programs: Programs,
    private readonly decisions: RunDecisions,
    ownFolder: string,
  ) {
    super();
    this.labels = new RunLabels({
      ownFolder,
      onChange: () => this.catalog.relabel(),
      onProblem: (message) => {
        log.warn(message);
        void window.showWarningMessage(message);
      },
    });
    this.register({ dispose: () => this.labels.close() });
    this.waiting = new WaitingRuns({ get: (dir) => this.get(dir), onChange: () => this.changedWaiting.fire() });
    this.register({ dispose: () => this.waiting.close() });
    this.catalog = new RunCatalog({
      onChange: (change) => {
        this.waiting.take(change);
        this.changed.fire(change);
      },
      onProblem: (message) => log.warn(message),
      readerEntry: programs.reader,
      endedEntry: programs.ended,
      assigned: (place) => ({ ...decisions.assigned(place), usualSensitivity: settings.get('collapse.sensitivity') }),
      labels: this.labels,
    });
    this.register({ dispose: () => this.catalog.close() });
    this.register(workspace.onDidChangeWorkspaceFolders(() => this.updateFolders()));
    let sensitivity = settings.get('collapse.sensitivity');
    this.register(
      settings.onDidChange(() => {
        this.updateFolders();
        const before = sensitivity;
        sensitivity = settings.get('collapse.sensitivity');
        if (sensitivity !== before) this.catalog.reassign();
      }),
    );
    this.register(
      decisions.onDidChange((what) => {
        if (what === 'opened') this.updateFolders();
        else this.catalog.reassign();
      }),
    );
    this.updateFolders();
  }

  get onDidChange(): Event<CatalogChange> {
    return this.changed.event;
  }

  /** Newest first; the runs of a group stand together. Those that are archived are not among them. */
  get runs(): readonly RunOverview[] {
    const { all } = this;
    if (this.listed.of !== all) this.listed = { of: all, runs: all.filter((run) => !isArchived(run)) };
    return this.listed.runs;
  }

  /** The same with those that are archived. */
  get all(): readonly RunOverview[] {
    return this.catalog.runs;
  }

  /** Settles when all runs that were there have been looked at once, and what waits beside them is known. */
  get ready(): Promise<void> {
    return this.labels.ready.then(() => this.catalog.ready).then(() => this.waiting.settled());
  }

  get(dir: string): RunOverview | undefined {
    return this.catalog.get(dir);
  }

  /** What is still to come in a group; the one source for all that shows it. */
  waitingIn(group: QueuedGroup): Waiting {
    return this.waiting.of(group);
  }

  /** The groups in which something has not begun. */
  get waitingGroups(): readonly GroupNode[] {
    return this.waiting.groups.map((group) => ({ kind: 'group', ...group }));
  }

  /** The group of a run that has not begun, by the directory that it will have. */
  groupOfWaiting(dir: string): GroupNode | undefined {
    return this.waitingGroups.find((node) => this.waitingIn(node).runs.some((run) => runDirectory(node.runsDir, run) === dir));
  }

  /** The folders whose queues somebody has paused. */
  get pausedFolders(): readonly string[] {
    return this.waiting.runsDirs.filter((runsDir) => this.waiting.isPaused(runsDir));
  }

  /** The folders in which runs of this window are started, each with the most runs at once that somebody has set; null: as each plan says. */
  get queues(): readonly { readonly runsDir: string; readonly parallel: number | null }[] {
    return this.waiting.runsDirs.map((runsDir) => ({ runsDir, parallel: this.waiting.parallel(runsDir) }));
  }

  /** Takes in at once what was changed in the queue of a folder. */
  async refreshQueue(runsDir: string): Promise<void> {
    await this.waiting.lookNow(runsDir);
  }

  /** The folders of the workspace, and the folders and files elsewhere in which it looks for runs; as absolute paths. */
  get folders(): readonly string[] {
    return this.lookedAt;
  }

  /** Where a run is; undefined: there is none of that id. */
  placeOf(id: string): RunPlace | undefined {
    return this.catalog.placeOf(id);
  }

  /** What a run is called in a sentence; one that is not known, by its directory. */
  nameOf(dir: string): string {
    const run = this.get(dir);
    return run ? runName(run) : path.basename(dir);
  }

  /** What a group is called. */
  titleOf(node: GroupNode): string {
    const run = this.all.find((one) => isIn(one, node));
    return run ? groupTitle(run) : (this.nameGivenTo(node) ?? this.waitingIn(node).runs[0]?.name ?? node.group);
  }

  /** The name that somebody gave to a group; undefined: nobody did. */
  nameGivenTo({ runsDir, group }: GroupNode): string | undefined {
    return this.labels.group(runsDir, group);
  }

  /** Says something of runs or groups, for every window and for as long as it is not unsaid. Throws a RunDirectoryError where that cannot be kept. */
  async label(changes: readonly LabelChange[]): Promise<void> {
    await this.labels.change(changes);
  }

  /** Loads a run's metrics and follows them; see RunCatalog. */
  openMetrics(dir: string, onRows: (from: number) => void): OpenRun {
    return this.catalog.openMetrics(dir, onRows);
  }

  private updateFolders(): void {
    const roots = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    const named = this.settings.get('runs.folders').flatMap((folder) => this.resolve(folder, roots[0]));
    this.lookedAt = [...roots, ...named, ...this.decisions.opened];
    this.labels.setRoots(roots);
    this.waiting.setFolders(roots.map(defaultRunsDir));
    this.catalog.setFolders(roots.map(defaultRunsDir), [...named, ...this.decisions.opened]);
  }

  private resolve(folder: string, root: string | undefined): readonly string[] {
    const full = folder.replace(/^~(?=$|[\\/])/, () => os.homedir());
    if (path.isAbsolute(full)) return [full];
    if (root !== undefined) return [path.resolve(root, full)];
    this.log.warn(`otb.runs.folders: "${folder}" is relative, and there is no workspace folder for it to start at. Give an absolute path.`);
    return [];
  }
}
