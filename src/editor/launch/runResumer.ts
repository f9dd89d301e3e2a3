import { ProgressLocation, window } from 'vscode';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { isResumable, runName } from '../../runs/catalog/runOverview.ts';
import { launchRun } from '../../runs/launcher/launchRun.ts';
import { readQueue } from '../../runs/launcher/queueFile.ts';
import { continueQueue } from '../../runs/launcher/startQueue.ts';
import { cacheFolder, shareOfCores } from '../../runs/launcher/trainingPlan.ts';
import { count, note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { runsOf, selectedNodes } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';
import { launchLimits } from './launchLimits.ts';
import { isTrustedTo } from './trust.ts';

/** Goes on with runs that ended before their last step, from their last checkpoint, and with what a lost queue has left. */
export class RunResumer {
  constructor(
    private readonly parts: Pick<Parts, 'runs' | 'settings' | 'log' | 'programs'>,
    private readonly choice: RunChoice,
  ) {}

  async resume(args: readonly unknown[]): Promise<void> {
    if (!isTrustedTo('resume runs')) return;
    const groups = await this.continueQueues(selectedNodes(...args).filter((node) => node.kind === 'group'));
    // A group of which only what waits goes on has said what there was to say.
    if (groups > 0 && runsOf(selectedNodes(...args), this.parts.runs).every((run) => !isResumable(run))) return;
    const none = 'None of these runs can go on: they have taken all their steps, or are going on.';
    const runs = await this.choice.several(args, { title: 'Resume runs', which: isResumable, none, takesSelection: false });
    if (runs === undefined || runs.length === 0) return;
    const { threads } = shareOfCores(runs.length, launchLimits(this.parts.settings));
    const title = `Resuming ${count(runs.length, 'run')}`;
    const resumed = await window.withProgress({ location: ProgressLocation.Window, title }, () => Promise.all(runs.map((run) => this.resumeOne(run, threads))));
    const good = resumed.filter(Boolean).length;
    if (good > 0) note(`${count(good, 'run')} resumed`);
  }

  private async resumeOne(run: RunOverview, threads: number): Promise<boolean> {
    const { programs, log } = this.parts;
    const request = { kind: 'resume', runDir: run.dir, threads, cacheDir: cacheFolder(run.record.cwd, process.env) } as const;
    try {
      const { pid } = await launchRun({ request, trainerEntry: programs.trainer, nodePath: programs.node, env: programs.env });
      log.info(`${run.dir}: resumed by process ${pid}`);
      return true;
    } catch (error) {
      showFailure(`${runName(run)} was not resumed`, error, log);
      return false;
    }
  }

  /** Returns in how many groups something goes on. */
  private async continueQueues(groups: readonly GroupNode[]): Promise<number> {
    const { programs, log } = this.parts;
    let continued = 0;
    for (const { runsDir, group } of groups) {
      const queue = await readQueue(runsDir, group);
      if (queue?.state !== 'lost') continue;
      try {
        await continueQueue(runsDir, group, { otbEntry: programs.otb, nodePath: programs.node, env: programs.env });
        note(`${count(queue.plan.runs.length, 'run')} of ${group} started, ${queue.plan.parallel} at once`);
        continued++;
      } catch (error) {
        showFailure(`The runs of ${group} that wait did not start`, error, log);
      }
    }
    return continued;
  }
}
