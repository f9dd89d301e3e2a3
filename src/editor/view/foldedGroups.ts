import type { Memento } from 'vscode';
import { nodeId } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';

const memoryKey = 'otb.foldedGroups';

/** Which groups of the runs view the user has folded or unfolded by hand; kept over a reload of the window. */
export class FoldedGroups {
  private folded: Readonly<Record<string, boolean>>;

  constructor(private readonly memory: Memento) {
    this.folded = memory.get<Readonly<Record<string, boolean>>>(memoryKey, {});
  }

  /** Undefined: the user has not said. */
  isFolded(group: GroupNode): boolean | undefined {
    return this.folded[nodeId(group)];
  }

  set(group: GroupNode, folded: boolean): void {
    this.remember({ ...this.folded, [nodeId(group)]: folded });
  }

  /** Forgets the groups that are gone. */
  keep(groups: readonly GroupNode[]): void {
    const ids = new Set(groups.map(nodeId));
    const kept = Object.entries(this.folded).filter(([id]) => ids.has(id));
    if (kept.length < Object.keys(this.folded).length) this.remember(Object.fromEntries(kept));
  }

  private remember(folded: Readonly<Record<string, boolean>>): void {
    this.folded = folded;
    void this.memory.update(memoryKey, folded);
  }
}
