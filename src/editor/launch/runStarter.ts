import { ProgressLocation, commands, window, workspace } from 'vscode';
import type { Uri, WorkspaceFolder } from 'vscode';
import { counted } from '../../core/notation.ts';
import { ConfigError } from '../../runs/config/configError.ts';
import { readConfigFile } from '../../runs/config/configFile.ts';
import { loadConfig } from '../../runs/config/loadConfig.ts';
import { claimGroup } from '../../runs/launcher/queueFile.ts';
import { defaultRunsDir, makeRunsFolder } from '../../runs/launcher/runsFolder.ts';
import { startQueue } from '../../runs/launcher/startQueue.ts';
import { atOnce, atOnceText, cacheFolder } from '../../runs/launcher/trainingPlan.ts';
import type { TrainingPlan } from '../../runs/launcher/trainingPlan.ts';
import { readGit } from '../../runs/planning/git.ts';
import { planRuns, withOwnGroup } from '../../runs/planning/planRuns.ts';
import { requireFiles } from '../../runs/planning/requireFiles.ts';
import { requireGpus } from '../../runs/planning/requireGpus.ts';
import { shareOfMachine } from '../../runs/planning/shareOfMachine.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { Parts } from '../parts.ts';
import { completeStep } from '../walkthrough.ts';
import { saved } from './configChoice.ts';
import type { ConfigChoice } from './configChoice.ts';
import type { ConfigProblems } from './configProblems.ts';
import { editorPython } from './editorPython.ts';
import { launchLimits } from './launchLimits.ts';
import { isTrustedTo } from './trust.ts';
import { askForFolder, folderOf } from './workspaceFolders.ts';

/** Starts the runs of configs, each config's in a process of their own, which goes on when this window and its extension host are gone. */
export class RunStarter {
  /** Configs whose runs are being started: a second click is no second start. */
  private readonly starting = new Set<string>();

  constructor(
    private readonly parts: Pick<Parts, 'settings' | 'panels' | 'log' | 'programs'>,
    private readonly configs: ConfigChoice,
    private readonly problems: ConfigProblems,
  ) {}

  async start(args: readonly unknown[]): Promise<void> {
    if (!isTrustedTo('start runs')) return;
    if ((workspace.workspaceFolders ?? []).length === 0) return askForFolder();
    for (const chosen of await this.configs.choose(args)) {
      const config = await saved(chosen);
      if (config) await this.startOnce(config);
    }
  }

  private async startOnce(config: Uri): Promise<void> {
    const folder = folderOf(config);
    if (folder === undefined || this.starting.has(config.fsPath)) return;
    this.starting.add(config.fsPath);
    try {
      await this.startRuns(config, folder);
    } finally {
      this.starting.delete(config.fsPath);
    }
  }

  private async startRuns(config: Uri, folder: WorkspaceFolder): Promise<void> {
    const { log, programs } = this.parts;
    const name = workspace.asRelativePath(config);
    try {
      const plan = await this.plan(config, folder);
      if (plan === undefined) return;
      await makeRunsFolder(folder.uri.fsPath);
      const title = `Starting ${counted(plan.runs.length, 'OTB run')}`;
      const { pid, waits } = await window.withProgress({ location: ProgressLocation.Window, title }, () =>
        startQueue(plan, { otbEntry: programs.otb, nodePath: programs.node, env: programs.env }),
      );
      log.info(`${name}: ${counted(plan.runs.length, 'run')} left to process ${pid}, ${atOnceText(plan)}`);
      completeStep('start');
      const runs = counted(plan.runs.length, 'OTB run');
      note(waits === null ? `${runs} started, ${atOnce(plan)} at once` : `${runs} in the queue: ${waits}`);
      await this.show(plan);
    } catch (error) {
      showFailure(`The runs of ${name} did not start`, error, log);
    }
  }

  /** Undefined where the config cannot be used, after saying why. */
  private async plan(config: Uri, folder: WorkspaceFolder): Promise<TrainingPlan | undefined> {
    const cwd = folder.uri.fsPath;
    const runsDir = defaultRunsDir(cwd);
    try {
      const engine = this.parts.settings.get('launch.engine');
      const usualSensitivity = this.parts.settings.get('collapse.sensitivity');
      const loaded = await loadConfig(config.fsPath, engine);
      const runs = planRuns(loaded, { usualSensitivity, now: new Date(), cwd, runsDir, git: await readGit(cwd) });
      await requireGpus(loaded, process.env);
      await requireFiles(loaded, cwd);
      const share = shareOfMachine(loaded, runs.length, launchLimits(this.parts.settings));
      this.problems.accept(config);
      // Last of all, because it leaves a file.
      const own = withOwnGroup(runs, (group) => claimGroup(runsDir, group));
      const { program: python } = await editorPython(this.parts.settings, folder.uri);
      return { runs: own, runsDir, engine, ...share, cacheDir: cacheFolder(cwd, process.env), python };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.problems.refuse(config, error, await readConfigFile(config.fsPath).catch(() => ''));
      return undefined;
    }
  }

  private async show({ runsDir, runs }: TrainingPlan): Promise<void> {
    await commands.executeCommand('otb.runs.focus', { preserveFocus: true });
    const group = runs[0]?.group;
    if (group === undefined || !this.parts.settings.get('launch.openPanel')) return;
    await this.parts.panels.open({ kind: 'group', runsDir, group, series: null }, { preserveFocus: true });
  }
}
