import { setTimeout } from 'node:timers/promises';
import { nodeId } from '../runSelection.ts';
import type { GroupNode } from '../runSelection.ts';

/** Milliseconds after which VS Code is taken not to ask any more. */
const longestMs = 2000;
const pollMs = 20;

/**
 * Groups that VS Code was told to read anew. Until it has asked for the rows of such a group, it knows none of them, nor which is selected;
 * and what it is told meanwhile it takes in later, one after the other.
 */
export class GroupReading {
  private readonly until = new Map<string, number>();

  begin(node: GroupNode): void {
    this.until.set(nodeId(node), performance.now() + longestMs);
  }

  /** VS Code has asked for the rows of a group, and knows them as soon as it has them. */
  end(node: GroupNode): void {
    setImmediate(() => this.until.delete(nodeId(node)));
  }

  get goesOn(): boolean {
    return [...this.until.values()].some((until) => performance.now() < until);
  }

  /** Waits until VS Code knows all rows, or `isEnough` says that it knows what is needed. */
  async over(isEnough: () => boolean): Promise<void> {
    while (this.goesOn && !isEnough()) await setTimeout(pollMs);
  }
}
