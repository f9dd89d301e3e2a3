import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ProgressLocation, Uri, window, workspace } from 'vscode';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { isLive, runName } from '../../runs/catalog/runOverview.ts';
import { cancelQueue } from '../../runs/launcher/cancelQueue.ts';
import { queueLog, readQueue } from '../../runs/launcher/queueFile.ts';
import { stopGraceMs } from '../../runs/launcher/trainingPlan.ts';
import { count, note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { runsOf, selectedNodes } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';
import type { RunStopper } from './runStopper.ts';

/** Runs that a question names; of more it says how many. */
const mostNamed = 8;

/** Deletes run directories: into the trash where there is one. Asks first, and stops what still runs. */
export class RunDeleter {
  constructor(
    private readonly parts: Pick<Parts, 'runs' | 'view' | 'log'>,
    private readonly choice: RunChoice,
    private readonly stopper: RunStopper,
  ) {}

  async delete(args: readonly unknown[]): Promise<void> {
    const asked = selectedNodes(...args);
    const groups = (asked.length > 0 ? asked : this.parts.view.selection).filter((node) => node.kind === 'group');
    const runs = await this.choice.several(args, { title: 'Delete runs', which: () => true, none: 'There is no such run.', takesSelection: true });
    if (runs === undefined || runs.length === 0) return;
    const live = runs.filter(isLive);
    const trash = workspace.getConfiguration('files').get('enableTrash') !== false;
    if (!(await confirms(runs, live.length, trash))) return;
    for (const group of groups) await this.cancel(group);
    if (live.length > 0 && !(await this.stopper.stop(live))) return;
    await window.withProgress({ location: ProgressLocation.Window, title: `Deleting ${count(runs.length, 'run')}` }, () => this.deleteAll(runs, trash));
    for (const group of groups) await this.cleanUp(group);
  }

  private async deleteAll(runs: readonly RunOverview[], trash: boolean): Promise<void> {
    let deleted = 0;
    let useTrash = trash;
    for (const run of runs) {
      if (useTrash && !(await this.tryTrash(run))) {
        const permanently = 'Delete Permanently';
        const rest = runs.slice(runs.indexOf(run));
        const question = `${namesOf(rest)} cannot be moved to the trash. Delete permanently?`;
        const detail = 'There is no trash for this folder. The files cannot be restored.';
        if ((await window.showWarningMessage(question, { modal: true, detail }, permanently)) !== permanently) break;
        useTrash = false;
      }
      if (useTrash || (await this.deleteForGood(run))) deleted++;
    }
    if (deleted > 0) note(`${count(deleted, 'run')} ${useTrash ? 'moved to the trash' : 'deleted'}`);
  }

  private async tryTrash({ dir }: RunOverview): Promise<boolean> {
    try {
      await workspace.fs.delete(Uri.file(dir), { recursive: true, useTrash: true });
    } catch (error) {
      this.parts.log.info(`${dir} cannot be moved to the trash: ${String(error)}`);
    }
    return !existsSync(dir);
  }

  private async deleteForGood(run: RunOverview): Promise<boolean> {
    try {
      await workspace.fs.delete(Uri.file(run.dir), { recursive: true, useTrash: false });
      return true;
    } catch (error) {
      if (!existsSync(run.dir)) return true;
      showFailure(`${runName(run)} was not deleted`, error, this.parts.log);
      return false;
    }
  }

  private async cancel({ runsDir, group }: GroupNode): Promise<void> {
    try {
      await cancelQueue(runsDir, group, { graceMs: stopGraceMs });
    } catch (error) {
      showFailure(`The runs of ${group} that wait were not cancelled`, error, this.parts.log);
    }
  }

  /** What lay beside the run directories of a group goes with the last of them. */
  private async cleanUp({ runsDir, group }: GroupNode): Promise<void> {
    if (runsOf([{ kind: 'group', runsDir, group }], this.parts.runs).some(({ dir }) => existsSync(dir)) || (await readQueue(runsDir, group))) return;
    await rm(queueLog(runsDir, group), { force: true });
  }
}

async function confirms(runs: readonly RunOverview[], live: number, trash: boolean): Promise<boolean> {
  const verb = trash ? 'Move to Trash' : 'Delete Permanently';
  const action = live > 0 ? `Stop and ${verb}` : verb;
  const named = runs.slice(0, mostNamed).map(({ dir }) => path.basename(dir));
  const more = runs.length - named.length;
  const lines = [
    ...(live > 0 ? [`${runs.length === 1 ? 'The run is still going on and is' : `${live} of them are still going on and are`} stopped first.`, ''] : []),
    ...named,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(trash ? [] : ['', 'The files cannot be restored.']),
  ];
  const detail = lines.join('\n');
  return (await window.showWarningMessage(`Delete ${namesOf(runs)}?`, { modal: true, detail }, action)) === action;
}

function namesOf(runs: readonly RunOverview[]): string {
  const [only] = runs;
  return runs.length === 1 && only ? `${runName(only)} of ${only.record.name}` : count(runs.length, 'run');
}
