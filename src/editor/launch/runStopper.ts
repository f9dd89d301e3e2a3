import path from 'node:path';
import { ProgressLocation, window } from 'vscode';
import { counted } from '../../core/notation.ts';
import { isStoppable } from '../../core/records/runState.ts';
import { queuedGroups, readQueue } from '../../runs/launcher/queueFile.ts';
import { stopGroup, stopRuns } from '../../runs/launcher/stopGroup.ts';
import type { Stopped } from '../../runs/launcher/stopGroup.ts';
import { stopGraceMs } from '../../runs/launcher/trainingPlan.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import type { GroupNode } from '../runSelection.ts';

/** Stops runs; also where the workspace is not trusted, because it starts nothing. */
export class RunStopper {
  constructor(
    private readonly parts: Pick<Parts, 'runs' | 'log'>,
    private readonly choice: RunChoice,
  ) {}

  async stopRuns(args: readonly unknown[]): Promise<void> {
    const runs = await this.choice.several(args, {
      title: 'Stop runs',
      which: isStoppable,
      none: 'None of these runs is active.',
      selection: 'runs',
    });
    if (runs && runs.length > 0) await this.stop(runs.map(({ dir }) => dir));
  }

  /** The runs of a group, and those of it that have not begun. */
  async stopGroup(args: readonly unknown[]): Promise<void> {
    const node = await this.choice.group(args, {
      title: 'Stop all runs of a group',
      groups: () => this.stoppable(),
      none: 'No run is active or waiting.',
    });
    if (node === undefined) return;
    const title = this.parts.runs.titleOf(node);
    const waiting = (await readQueue(node.runsDir, node.group))?.plan.runs.length ?? 0;
    try {
      const stopped = await progress(`Stopping the runs of ${title}`, () => stopGroup(node.runsDir, node.group, { graceMs: stopGraceMs }));
      if (waiting === 0 && stopped.every((run) => 'outcome' in run && run.outcome === 'ended')) note(`No run of ${title} was active`);
      else this.report(stopped, waiting);
    } catch (error) {
      showFailure(`The runs of ${title} were not cancelled`, error, this.parts.log);
    }
  }

  /** Returns whether all have stopped. */
  async stop(dirs: readonly string[]): Promise<boolean> {
    const stopped = await progress(`Stopping ${counted(dirs.length, 'run')}`, () => stopRuns(dirs, { graceMs: stopGraceMs }));
    return this.report(stopped, 0);
  }

  private report(stopped: readonly Stopped[], cancelled: number): boolean {
    const { runs, log } = this.parts;
    const names = (those: readonly Stopped[]): string => those.map(({ dir }) => runs.nameOf(dir)).join(', ');
    const failed = stopped.filter((run) => 'error' in run);
    for (const { dir, error } of failed) showFailure(`${runs.nameOf(dir)} was not stopped`, error, log);
    const away = stopped.filter((run) => 'outcome' in run && run.outcome === 'requested');
    if (away.length > 0) void window.showInformationMessage(`Asked to stop, on another machine: ${names(away)}.`);
    const hard = stopped.filter((run) => 'outcome' in run && (run.outcome === 'killed' || run.outcome === 'terminated'));
    if (hard.length > 0) void window.showWarningMessage(`Terminated, because they did not respond: ${names(hard)}.`);
    const before = stopped.filter((run) => 'outcome' in run && run.outcome === 'ended');
    const good = stopped.length - failed.length - away.length - before.length;
    if (good + cancelled > 0) note(`${counted(good, 'run')} stopped${cancelled > 0 ? `, ${cancelled} waiting cancelled` : ''}`);
    return failed.length + away.length === 0;
  }

  /** Groups in which something goes on or waits. */
  private async stoppable(): Promise<readonly { readonly node: GroupNode; readonly description: string }[]> {
    const { runs, queues } = this.parts.runs;
    const folders = new Set([...runs.map(({ dir }) => path.dirname(dir)), ...queues.map(({ runsDir }) => runsDir)]);
    const found = new Map<string, { node: GroupNode; live: number; waiting: number }>();
    const entry = (runsDir: string, group: string): { live: number; waiting: number } => {
      const key = path.join(runsDir, group);
      const known = found.get(key) ?? { node: { kind: 'group', runsDir, group }, live: 0, waiting: 0 };
      found.set(key, known);
      return known;
    };
    for (const { dir, identity } of runs.filter(isStoppable)) entry(path.dirname(dir), identity.group).live++;
    for (const runsDir of folders) {
      for (const group of await queuedGroups(runsDir)) {
        const queue = await readQueue(runsDir, group);
        if (queue) entry(runsDir, group).waiting = queue.plan.runs.length;
      }
    }
    return [...found.values()].map(({ node, live, waiting }) => ({
      node,
      description: `${live} active${waiting > 0 ? `, ${waiting} waiting` : ''}`,
    }));
  }
}

function progress<T>(title: string, work: () => Promise<T>): Thenable<T> {
  return window.withProgress({ location: ProgressLocation.Window, title }, work);
}
