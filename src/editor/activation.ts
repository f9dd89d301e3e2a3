import { commands, window } from 'vscode';
import type { Disposable, LogOutputChannel } from 'vscode';
import { counted } from '../core/notation.ts';

/** Builds the parts of the extension one after the other: one that fails is told of and does not take the others along. */
export class Activation {
  private readonly failures: { readonly part: string; readonly message: string }[] = [];

  constructor(
    private readonly owned: Disposable[],
    private readonly log: LogOutputChannel,
  ) {}

  /**
   * What `build` makes, which goes with the extension; undefined where it throws.
   * @param part what the user misses without it: "the runs view".
   */
  build<T extends Disposable>(part: string, build: () => T): T | undefined {
    try {
      const built = build();
      this.owned.push(built);
      return built;
    } catch (error) {
      this.failures.push({ part, message: error instanceof Error ? error.message : String(error) });
      this.log.error(`Not started: ${part}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return undefined;
    }
  }

  /** Says in one message what is missing, and why. */
  tell(): void {
    const [first, ...others] = this.failures;
    if (first === undefined) return;
    const [show, reload] = ['Open Log', 'Reload Window'];
    const more = others.length === 0 ? '' : ` ${counted(others.length, 'other part')} failed too; the log names all of them.`;
    const message = `OTB has started without ${first.part}: ${first.message}.${more}`.replaceAll('..', '.');
    void window.showErrorMessage(message, show, reload).then((choice) => {
      if (choice === show) this.log.show();
      if (choice === reload) void commands.executeCommand('workbench.action.reloadWindow');
    });
  }
}
