import { runDirectory } from '../../runs/launcher/trainingPlan.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';
import type { GroupNode } from '../runSelection.ts';
import type { WaitingRun } from './runRow.ts';

/** Rows of runs of a group that have not begun: of a thousand that wait, each would change whenever one of them begins. */
const mostRows = 20;

/** What has not begun and has rows: of each group the next runs to begin, of which the last says how many more there are. */
export class WaitingRows {
  private runs = new Map<string, WaitingRun & { readonly node: GroupNode }>();
  private reasons = new Map<string, string>();

  /** Takes in what waits now. Returns the directories of the rows of each group that has some, in the order of their turns. */
  update(
    list: Pick<WorkspaceRuns, 'waitingGroups' | 'waitingIn'>,
  ): readonly { readonly node: GroupNode; readonly waiting: readonly string[] }[] {
    this.runs = new Map();
    this.reasons = new Map();
    const groups = list.waitingGroups.map((node) => {
      const { runs, resuming, reasons, isLost } = list.waitingIn(node);
      for (const dir of resuming) this.reasons.set(dir, reasons[dir] ?? '');
      const shown = runs.slice(0, mostRows);
      const waiting = shown.map((run) => runDirectory(node.runsDir, run));
      for (const [index, dir] of waiting.entries()) {
        const plan = shown[index];
        const more = index === waiting.length - 1 ? runs.length - shown.length : 0;
        if (plan) this.runs.set(dir, { node, plan, waits: isLost ? null : (reasons[dir] ?? ''), more });
      }
      return { node, waiting };
    });
    return groups.filter(({ waiting }) => waiting.length > 0);
  }

  /** A run that has a row, by the directory that it will have. */
  get(dir: string): (WaitingRun & { readonly node: GroupNode }) | undefined {
    return this.runs.get(dir);
  }

  /** What a run that has begun before waits for, until it goes on; undefined: it does not. */
  reasonOf(dir: string): string | undefined {
    return this.reasons.get(dir);
  }
}
