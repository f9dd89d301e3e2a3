import { workspace } from 'vscode';

/** Most milliseconds between the two clicks. */
const longest = 500;

/** Tells double clicks on an element of a tree, for which VS Code has no event: it calls the element's command at each click. */
export class DoubleClick {
  private last: { readonly id: string; readonly time: number } | undefined;

  /** Whether the click that the element's command was just called for is the second of two. */
  isSecond(id: string): boolean {
    // Where lists open by double click only, there is one call for two clicks.
    if (workspace.getConfiguration('workbench.list').get('openMode') === 'doubleClick') return true;
    const { last } = this;
    const time = performance.now();
    const isSecond = last?.id === id && time - last.time <= longest;
    this.last = isSecond ? undefined : { id, time };
    return isSecond;
  }
}
