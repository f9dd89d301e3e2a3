import { EventEmitter } from 'vscode';
import { readQueue } from '../../runs/launcher/queueFile.ts';
import { Disposables } from '../disposable.ts';
import type { GroupNode } from '../runSelection.ts';
import { nodeId } from './runTree.ts';
import type { TreeGroup } from './runTree.ts';

/** Milliseconds between looks at queues in which something waits: that one is lost shows in no run. */
const checkMs = 3000;

export interface Waiting {
  readonly count: number;
  /** Nothing will begin these runs any more. */
  readonly isLost: boolean;
}

/** How many runs of each group have not begun. */
export class WaitingRuns extends Disposables {
  private readonly changed = this.register(new EventEmitter<GroupNode>());
  readonly onDidChange = this.changed.event;
  private readonly waiting = new Map<string, Waiting & { readonly node: GroupNode }>();
  /** States of a group's runs when its queue was last read: a queue moves on when one of them begins or ends. */
  private readonly states = new Map<string, string>();

  constructor() {
    super();
    const timer = setInterval(() => {
      for (const { node } of this.waiting.values()) void this.read(node);
    }, checkMs);
    this.register({ dispose: () => clearInterval(timer) });
  }

  of(group: GroupNode): Waiting {
    return this.waiting.get(nodeId(group)) ?? { count: 0, isLost: false };
  }

  /** Reads the queues of the groups whose runs have changed. */
  update(groups: readonly TreeGroup[]): void {
    for (const { node, runs } of groups) {
      const states = runs.map(({ dir, process }) => `${dir} ${process}`).join('\n');
      if (this.states.get(nodeId(node)) === states) continue;
      this.states.set(nodeId(node), states);
      void this.read(node);
    }
    const ids = new Set(groups.map(({ node }) => nodeId(node)));
    for (const id of this.states.keys()) if (!ids.has(id)) this.forget(id);
  }

  private async read(node: GroupNode): Promise<void> {
    const queue = await readQueue(node.runsDir, node.group);
    const before = this.of(node);
    const now: Waiting = { count: queue?.plan.runs.length ?? 0, isLost: queue?.state === 'lost' };
    if (now.count > 0 && this.states.has(nodeId(node))) this.waiting.set(nodeId(node), { ...now, node });
    else this.waiting.delete(nodeId(node));
    if (now.count !== before.count || now.isLost !== before.isLost) this.changed.fire(node);
  }

  private forget(id: string): void {
    this.states.delete(id);
    this.waiting.delete(id);
  }
}
