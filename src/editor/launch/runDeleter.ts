import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ProgressLocation, Uri, env, window, workspace } from 'vscode';
import { counted } from '../../core/notation.ts';
import { isLive } from '../../core/records/runState.ts';
import type { RunOverview } from '../../runs/catalog/runOverview.ts';
import { groupTitle } from '../../runs/catalog/groupTitles.ts';
import { isOwn, runName } from '../../runs/catalog/runOverview.ts';
import { cancelQueue } from '../../runs/launcher/cancelQueue.ts';
import { goingOn, membersOf } from '../../runs/launcher/groupMembers.ts';
import { queueLog, readQueue } from '../../runs/launcher/queueFile.ts';
import { stopGraceMs } from '../../runs/launcher/trainingPlan.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { nodesCalledOn } from '../runSelection.ts';
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
    const inView = await this.parts.view.selection();
    const asked = nodesCalledOn(args, inView);
    const groups = (asked.length > 0 ? asked : inView).filter((node) => node.kind === 'group');
    const runs = await this.choice.several(args, {
      title: 'Delete runs',
      which: isOwn,
      none: 'There is no such run of the built-in trainer. Files of other programs are never deleted from here: Remove from list leaves them where they are.',
      selection: 'runs and groups',
      archived: true,
    });
    if (runs === undefined || runs.length === 0) return;
    const trash = hasTrash();
    if (!(await confirms(runs, trash))) return;
    const dirs = await this.members(runs, groups);
    // Looked up now: while the user was asked, runs may have begun, gone on, or ended.
    const live = await goingOn(dirs);
    if (live.length > 0 && !(await this.stopper.stop(live))) return;
    await window.withProgress({ location: ProgressLocation.Window, title: `Deleting ${counted(dirs.length, 'run')}` }, () =>
      this.deleteAll(dirs, trash),
    );
    for (const group of groups) await this.cleanUp(group);
    await this.forget(runs.filter(({ dir }) => !existsSync(dir)));
  }

  /** What was said of runs that are gone goes with them. */
  private async forget(runs: readonly RunOverview[]): Promise<void> {
    const labelled = runs.filter(({ identity }) => identity.label !== undefined);
    if (labelled.length > 0) await this.parts.runs.label(labelled.map(({ dir }) => ({ kind: 'run', dir, label: () => ({}) })));
  }

  /** What is to be deleted: the runs, and of the groups all that have begun, of which from now on none does. */
  private async members(runs: readonly RunOverview[], groups: readonly GroupNode[]): Promise<readonly string[]> {
    const dirs = new Set(runs.map(({ dir }) => dir));
    for (const node of groups) {
      await this.cancel(node);
      for (const dir of await membersOf(node.runsDir, node.group)) dirs.add(dir);
    }
    return [...dirs];
  }

  private async deleteAll(dirs: readonly string[], trash: boolean): Promise<void> {
    let deleted = 0;
    let useTrash = trash;
    for (const [index, dir] of dirs.entries()) {
      if (useTrash && !(await this.tryTrash(dir))) {
        const permanently = 'Delete Permanently';
        const rest = dirs.slice(index);
        const question = `${rest.length === 1 ? this.parts.runs.nameOf(dir) : counted(rest.length, 'run')} cannot be moved to the trash. Delete permanently?`;
        const detail = 'There is no trash for this folder. The files cannot be restored.';
        if ((await window.showWarningMessage(question, { modal: true, detail }, permanently)) !== permanently) break;
        useTrash = false;
      }
      if (useTrash || (await this.deleteForGood(dir))) deleted++;
    }
    if (deleted > 0) note(`${counted(deleted, 'run')} ${useTrash ? 'moved to the trash' : 'deleted'}`);
  }

  private async tryTrash(dir: string): Promise<boolean> {
    try {
      await workspace.fs.delete(Uri.file(dir), { recursive: true, useTrash: true });
    } catch (error) {
      this.parts.log.info(`${dir} cannot be moved to the trash: ${String(error)}`);
    }
    return !existsSync(dir);
  }

  private async deleteForGood(dir: string): Promise<boolean> {
    try {
      await workspace.fs.delete(Uri.file(dir), { recursive: true, useTrash: false });
      return true;
    } catch (error) {
      if (!existsSync(dir)) return true;
      showFailure(`${this.parts.runs.nameOf(dir)} was not deleted`, error, this.parts.log);
      return false;
    }
  }

  private async cancel({ runsDir, group }: GroupNode): Promise<void> {
    try {
      await cancelQueue(runsDir, group, { graceMs: stopGraceMs });
    } catch (error) {
      showFailure(`The runs of ${this.parts.runs.titleOf({ kind: 'group', runsDir, group })} were not cancelled`, error, this.parts.log);
    }
  }

  /** What lay beside the run directories of a group goes with the last of them. */
  private async cleanUp({ runsDir, group }: GroupNode): Promise<void> {
    if ((await membersOf(runsDir, group)).length > 0 || (await readQueue(runsDir, group))) return;
    await rm(queueLog(runsDir, group), { force: true });
  }
}

/** A remote machine has none that VS Code could use. */
function hasTrash(): boolean {
  return env.remoteName === undefined && workspace.getConfiguration('files').get('enableTrash') !== false;
}

async function confirms(runs: readonly RunOverview[], trash: boolean): Promise<boolean> {
  const live = runs.filter(isLive).length;
  const verb = trash ? 'Move to Trash' : 'Delete Permanently';
  const action = live > 0 ? `Stop and ${verb}` : verb;
  const named = runs.slice(0, mostNamed).map(({ dir }) => path.basename(dir));
  const more = runs.length - named.length;
  const lines = [
    ...(live > 0
      ? [`${runs.length === 1 ? 'The run is still running and is' : `${live} of them are still running and are`} stopped first.`, '']
      : []),
    ...named,
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(trash ? [] : ['', 'The files cannot be restored.']),
  ];
  const detail = lines.join('\n');
  return (await window.showWarningMessage(`Delete ${namesOf(runs)}?`, { modal: true, detail }, action)) === action;
}

function namesOf(runs: readonly RunOverview[]): string {
  const [only] = runs;
  return runs.length === 1 && only ? `${runName(only)} of ${groupTitle(only)}` : counted(runs.length, 'run');
}
