import { existsSync } from 'node:fs';
import path from 'node:path';
import { window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import { mostRuns } from '../../core/config/constraints.ts';
import { counted } from '../../core/notation.ts';
import { changeFolderQueue } from '../../runs/launcher/folderQueue.ts';
import { runDirectory } from '../../runs/launcher/trainingPlan.ts';
import { moved, removed, shifted } from '../../runs/launcher/turns.ts';
import type { Turns } from '../../runs/launcher/turns.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { Parts } from '../parts.ts';
import { nodesCalledOn } from '../runSelection.ts';
import { isTrustedTo } from './trust.ts';

/** Runs that wait in the queue of a folder. */
interface Waiting {
  readonly runsDir: string;
  readonly ids: readonly string[];
}

interface WaitingItem extends QuickPickItem {
  readonly dir: string;
}

/** Changes the queues of the folders of this window: order, pause, runs at once. */
export class QueueControl {
  constructor(private readonly parts: Pick<Parts, 'runs' | 'view' | 'log'>) {}

  startNext(args: readonly unknown[]): Promise<unknown> {
    return this.reorder(args, 'Start next', (turns, ids) => moved(turns, ids, 0));
  }

  moveUp(args: readonly unknown[]): Promise<unknown> {
    return this.reorder(args, 'Move up in the queue', (turns, ids) => shifted(turns, ids, -1));
  }

  moveDown(args: readonly unknown[]): Promise<unknown> {
    return this.reorder(args, 'Move down in the queue', (turns, ids) => shifted(turns, ids, 1));
  }

  async remove(args: readonly unknown[]): Promise<void> {
    const count = await this.reorder(args, 'Remove from the queue', removed);
    if (count > 0) note(`${counted(count, 'run')} will not start`);
  }

  async pause(): Promise<void> {
    await this.changeAll((turns) => ({ ...turns, paused: true }));
    note('Queue paused: no further run starts');
  }

  async resume(): Promise<void> {
    if (!isTrustedTo('start runs')) return;
    await this.changeAll((turns) => ({ ...turns, paused: false }));
    note('Runs start again as it is their turn');
  }

  async setParallel(): Promise<void> {
    if (!isTrustedTo('start runs')) return;
    const now = this.parts.runs.queues.find(({ parallel }) => parallel !== null)?.parallel ?? null;
    const text = await window.showInputBox({
      title: 'Runs at once',
      prompt: 'Of all groups of a folder together. Leave empty for as many as each was started with.',
      value: now === null ? '' : String(now),
      validateInput: (value) => (parallelOf(value) === undefined ? `Enter a whole number from 1 to ${mostRuns}, or nothing.` : undefined),
    });
    const parallel = text === undefined ? undefined : parallelOf(text);
    if (parallel === undefined) return;
    await this.changeAll((turns) => ({ ...turns, parallel }));
    note(parallel === null ? 'As many runs at once as each was started with' : `At most ${counted(parallel, 'run')} at once`);
  }

  /** Returns how many runs that was about. */
  private async reorder(args: readonly unknown[], title: string, work: (turns: Turns, ids: readonly string[]) => Turns): Promise<number> {
    const chosen = await this.chosen(args, title);
    for (const { runsDir, ids } of chosen) await this.change(runsDir, (turns) => work(turns, ids));
    return chosen.reduce((sum, { ids }) => sum + ids.length, 0);
  }

  /** The queue of each folder in which there have been runs. */
  private async changeAll(work: (turns: Turns) => Turns): Promise<void> {
    for (const { runsDir } of this.parts.runs.queues) if (existsSync(runsDir)) await this.change(runsDir, work);
  }

  private async change(runsDir: string, work: (turns: Turns) => Turns): Promise<void> {
    try {
      await changeFolderQueue(runsDir, work);
      await this.parts.runs.refreshQueue(runsDir);
    } catch (error) {
      showFailure('The queue was not changed', error, this.parts.log);
    }
  }

  /** The waiting runs that a command was called on, or that the user picks. */
  private async chosen(args: readonly unknown[], title: string): Promise<readonly Waiting[]> {
    await this.parts.runs.ready;
    const waiting = this.waiting();
    const selection = await this.parts.view.selection();
    const called = nodesCalledOn(args, selection);
    const dirs = (called.length > 0 ? called : selection).flatMap((node) => (node.kind === 'group' ? [] : [node.dir]));
    const said = dirs.filter((dir) => waiting.some((item) => item.dir === dir));
    if (said.length > 0) return byFolder(said);
    if (called.length > 0 || waiting.length === 0) {
      void window.showInformationMessage(called.length > 0 ? 'None of these runs waits to be started.' : 'No run waits to be started.');
      return [];
    }
    const options = { title, canPickMany: true, matchOnDescription: true, placeHolder: 'Choose waiting runs' } as const;
    return byFolder(((await window.showQuickPick(waiting, options)) ?? []).map(({ dir }) => dir));
  }

  private waiting(): readonly WaitingItem[] {
    const { runs } = this.parts;
    return runs.waitingGroups.flatMap((node) => {
      const { runs: coming, resuming, reasons, isLost } = runs.waitingIn(node);
      if (isLost) return [];
      const begins = coming.map((run) => ({ dir: runDirectory(node.runsDir, run), label: `${run.estimator} seed ${run.seed}` }));
      const resumes = resuming.map((dir) => ({ dir, label: runs.nameOf(dir) }));
      return [...begins, ...resumes].map(({ dir, label }) => ({ dir, label, description: reasons[dir] ?? '', detail: runs.titleOf(node) }));
    });
  }
}

/** Undefined: no such number; null: none is to be set. */
function parallelOf(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const number = Number(text);
  return Number.isInteger(number) && number >= 1 && number <= mostRuns ? number : undefined;
}

function byFolder(dirs: readonly string[]): readonly Waiting[] {
  const folders = [...new Set(dirs.map((dir) => path.dirname(dir)))];
  return folders.map((runsDir) => ({
    runsDir,
    ids: dirs.filter((dir) => path.dirname(dir) === runsDir).map((dir) => path.basename(dir)),
  }));
}
