import { ProgressLocation, Uri, window, workspace } from 'vscode';
import { counted } from '../../core/notation.ts';
import { isResumable, whyNotResumable } from '../../core/records/runState.ts';
import { isOwn, runName } from '../../runs/catalog/runOverview.ts';
import { readQueue } from '../../runs/launcher/queueFile.ts';
import { resumeRuns } from '../../runs/launcher/resumeRuns.ts';
import type { Resumed } from '../../runs/launcher/resumeRuns.ts';
import { note, showFailure } from '../commands/messages.ts';
import type { RunChoice } from '../commands/runChoice.ts';
import type { Parts } from '../parts.ts';
import { byGroup, nodeId, runsOf, selectedNodes } from '../runSelection.ts';
import type { GroupNode, Node, RunGroup } from '../runSelection.ts';
import { editorPython } from './editorPython.ts';
import { launchLimits } from './launchLimits.ts';
import { isTrustedTo } from './trust.ts';

/** Goes on with runs that ended before their last step, from their last checkpoint, and with what a lost queue has left. */
export class RunResumer {
  /** One after the other: two of one group would be in each other's way. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parts: Pick<Parts, 'runs' | 'settings' | 'log' | 'programs'>,
    private readonly choice: RunChoice,
  ) {}

  async resume(args: readonly unknown[]): Promise<void> {
    if (!isTrustedTo('resume runs')) return;
    const groups = await this.chosen(args);
    const runs = groups.reduce((sum, group) => sum + group.runs.length, 0);
    if (groups.length === 0) return;
    const title = runs === 0 ? 'Starting the waiting runs' : `Resuming ${counted(runs, 'run')}`;
    const before = this.last;
    const work = window.withProgress({ location: ProgressLocation.Window, title }, async () => {
      await before;
      return Promise.all(groups.map((group) => this.resumeGroup(group)));
    });
    this.last = Promise.resolve(work);
    this.report((await work).filter((resumed) => resumed !== undefined));
  }

  /** The groups in which something is to go on, each with those of its runs that are. */
  private async chosen(args: readonly unknown[]): Promise<readonly RunGroup[]> {
    await this.parts.runs.ready;
    const nodes = selectedNodes(...args);
    const left = await lostQueues(nodes);
    // A group of which only what never began goes on is no group without anything to do.
    if (left.length > 0 && !runsOf(nodes, this.parts.runs).some(isResumable)) return left;
    const [only, ...others] = runsOf(nodes, this.parts.runs);
    const why = only === undefined || others.length > 0 ? undefined : whyNotResumable(only);
    const none =
      only === undefined || why === undefined
        ? 'None of these runs can be resumed: they have ended for good or are still active.'
        : `${runName(only)} ${why}`;
    const groups = byGroup((await this.choice.several(args, { title: 'Resume runs', which: isResumable, none, selection: 'runs' })) ?? []);
    return [...groups, ...left.filter(({ node }) => !groups.some((group) => nodeId(group.node) === nodeId(node)))];
  }

  private async resumeGroup({ node: { runsDir, group }, runs }: RunGroup): Promise<Resumed | undefined> {
    const { programs, settings, log } = this.parts;
    const [only] = runs;
    try {
      const resumption = {
        runsDir,
        group,
        runs: runs.filter(isOwn).map(({ dir, identity }) => ({ dir, record: identity.record })),
        python: (await editorPython(settings, workspace.getWorkspaceFolder(Uri.file(runsDir))?.uri)).program,
        limits: launchLimits(settings),
      };
      const resumed = await resumeRuns(resumption, { otbEntry: programs.otb, nodePath: programs.node, env: programs.env });
      log.info(`${group}: ${counted(resumed.count, 'run')} to resume left to process ${resumed.pid}, ${resumed.parallel} at once`);
      return resumed;
    } catch (error) {
      const what = runs.length === 1 && only ? `${runName(only)} was not resumed` : `The runs of ${group} were not resumed`;
      showFailure(what, error, log);
      return undefined;
    }
  }

  private report(resumed: readonly Resumed[]): void {
    const [only] = resumed;
    if (only === undefined) return;
    const total = resumed.reduce((sum, one) => sum + one.count, 0);
    note(`${counted(total, 'run')} resumed${resumed.length === 1 && total > 1 ? `, ${only.parallel} at once` : ''}`);
  }
}

/** The groups among nodes that have runs which nothing will begin. */
async function lostQueues(nodes: readonly Node[]): Promise<readonly RunGroup[]> {
  const groups = nodes.filter((node): node is GroupNode => node.kind === 'group');
  const queues = await Promise.all(groups.map(({ runsDir, group }) => readQueue(runsDir, group)));
  return groups.filter((_, index) => queues[index]?.state === 'lost').map((node) => ({ node, runs: [] }));
}
