import { EventEmitter } from 'vscode';
import { isLive } from '../../core/records/runState.ts';
import { readQueue } from '../../runs/launcher/queueFile.ts';
import type { QueueStatus } from '../../runs/launcher/queueFile.ts';
import { Disposables } from '../disposable.ts';
import { nodeId } from '../runSelection.ts';
import type { GroupNode, RunGroup } from '../runSelection.ts';

/** Milliseconds between looks at queues of groups in which something goes on or waits: that one is lost, or takes runs on, shows in no run. */
const checkMs = 3000;

export interface Waiting {
  /** Runs that have not begun. */
  readonly count: number;
  /** Runs that have begun before and are to go on. */
  readonly resuming: number;
  /** Nothing will begin what has not begun any more. */
  readonly isLost: boolean;
}

const nothing: Waiting = { count: 0, resuming: 0, isLost: false };

/** How many runs of each group wait for their turn. */
export class WaitingRuns extends Disposables {
  private readonly changed = this.register(new EventEmitter<GroupNode>());
  readonly onDidChange = this.changed.event;
  private readonly waiting = new Map<string, Waiting & { readonly node: GroupNode }>();
  /** Groups in which a run goes on. */
  private readonly active = new Map<string, GroupNode>();
  /** States of a group's runs when its queue was last read: a queue moves on when one of them begins or ends. */
  private readonly states = new Map<string, string>();

  constructor() {
    super();
    const timer = setInterval(() => {
      const waiting = [...this.waiting].map(([id, { node }]) => [id, node] as const);
      for (const node of new Map([...this.active, ...waiting]).values()) void this.read(node);
    }, checkMs);
    this.register({ dispose: () => clearInterval(timer) });
  }

  of(group: GroupNode): Waiting {
    return this.waiting.get(nodeId(group)) ?? nothing;
  }

  /** Reads the queues of the groups whose runs have changed. */
  update(groups: readonly RunGroup[]): void {
    for (const { node, runs } of groups) {
      const states = runs.map(({ dir, process }) => `${dir} ${process}`).join('\n');
      if (this.states.get(nodeId(node)) === states) continue;
      this.states.set(nodeId(node), states);
      if (runs.some(isLive)) this.active.set(nodeId(node), node);
      else this.active.delete(nodeId(node));
      void this.read(node);
    }
    const ids = new Set(groups.map(({ node }) => nodeId(node)));
    for (const id of this.states.keys()) if (!ids.has(id)) this.forget(id);
  }

  private async read(node: GroupNode): Promise<void> {
    const queue = await readQueue(node.runsDir, node.group);
    const before = this.of(node);
    const now = waitingIn(queue);
    if (now.count + now.resuming > 0 && this.states.has(nodeId(node))) this.waiting.set(nodeId(node), { ...now, node });
    else this.waiting.delete(nodeId(node));
    if (now.count !== before.count || now.resuming !== before.resuming || now.isLost !== before.isLost) this.changed.fire(node);
  }

  private forget(id: string): void {
    this.states.delete(id);
    this.active.delete(id);
    this.waiting.delete(id);
  }
}

function waitingIn(queue: QueueStatus | undefined): Waiting {
  if (queue === undefined) return nothing;
  const isLost = queue.state === 'lost';
  const resuming = queue.plan.runs.filter(({ resumes }) => resumes === true).length;
  // Those of a lost queue wait for nothing: they are runs that have ended, and can be resumed.
  return { count: queue.plan.runs.length - resuming, resuming: isLost ? 0 : resuming, isLost };
}
