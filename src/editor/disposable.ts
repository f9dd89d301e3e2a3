import type { Disposable } from 'vscode';

/** Something that owns disposables and goes with them. */
export class Disposables implements Disposable {
  private readonly owned: Disposable[] = [];

  dispose(): void {
    for (const disposable of this.owned.splice(0).reverse()) disposable.dispose();
  }

  protected register<T extends Disposable>(disposable: T): T {
    this.owned.push(disposable);
    return disposable;
  }
}
