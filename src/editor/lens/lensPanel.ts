import { statSync } from 'node:fs';
import path from 'node:path';
import { window } from 'vscode';
import type { LogOutputChannel, Uri, WebviewPanel } from 'vscode';
import type { LensHostMessage, LensMessage } from '../../core/lens/messages.ts';
import { parseLensMessage } from '../../core/lens/parseMessages.ts';
import { runFiles } from '../../core/records/run.ts';
import { DirectoryWatch } from '../../runs/directory/directoryWatch.ts';
import { LensThread } from '../../runs/rollouts/lensThread.ts';
import type { RolloutPlace } from '../../runs/rollouts/rolloutSource.ts';
import { rolloutsName, textOfStep } from '../../runs/rollouts/stepFiles.ts';
import { openFile, showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import { pageHtml, pageOptions } from '../panel/panelPage.ts';
import type { Programs } from '../programs.ts';

export interface LensPanelOptions {
  readonly place: RolloutPlace;
  /** What is shown first; null: the last step. */
  readonly step: number | null;
  readonly programs: Pick<Programs, 'rollouts'>;
  readonly log: LogOutputChannel;
  readonly extensionUri: Uri;
}

/** A webview panel with the rollouts of a run, or of a place, from its opening to its end. */
export class LensPanel extends Disposables {
  readonly place: RolloutPlace;
  private readonly thread: LensThread;
  private readonly title: string;
  /** The step that the page shows, or is to show first. */
  private step: number | null;
  /** What the page is told when it has loaded: the step is read meanwhile. Null: it has. */
  private held: LensHostMessage[] | null = [];

  constructor(
    private readonly panel: WebviewPanel,
    private readonly options: LensPanelOptions,
  ) {
    super();
    const { place, step, programs, extensionUri } = options;
    this.place = place;
    this.step = step;
    this.title = `OTB: rollouts of ${rolloutsName(place)}`;
    this.thread = new LensThread({
      workerFile: programs.rollouts,
      place,
      tell: (message) => this.tell(message),
      onFailure: (error) => this.fail(error),
    });
    this.register({ dispose: () => this.thread.close() });
    const watch = new DirectoryWatch(watchedFolder(place), () => {
      if (this.held === null) this.thread.ask({ type: 'look', again: false });
      return Promise.resolve(true);
    });
    this.register({ dispose: () => watch.close() });
    this.register(panel.webview.onDidReceiveMessage((message: unknown) => this.receive(message)));
    panel.title = this.title;
    panel.webview.options = pageOptions(extensionUri);
    panel.webview.html = pageHtml(panel.webview, extensionUri, { name: 'lens', title: 'Rollouts' });
    this.load();
  }

  /** Brings it to the front, at a step; null: the one that it shows. */
  reveal(step: number | null): void {
    this.panel.reveal();
    if (step === null || step === this.step) return;
    this.step = step;
    this.thread.ask({ type: 'show', step });
  }

  /** Has all read that a page is to be told first. */
  private load(): void {
    this.thread.ask({ type: 'look', again: true });
    this.thread.ask({ type: 'show', step: this.step });
  }

  private receive(said: unknown): void {
    const message = parseLensMessage(said);
    if (typeof message === 'string') this.options.log.warn(`"${this.title}" said something that cannot be understood: ${message}.`);
    else this.accept(message);
  }

  private accept(message: LensMessage): void {
    switch (message.type) {
      case 'ready': {
        const { held } = this;
        this.held = null;
        if (held !== null) {
          for (const told of held) this.tell(told);
        } else {
          // VS Code has loaded the page again.
          this.step = message.step ?? this.step;
          this.load();
        }
        break;
      }
      case 'step':
        this.step = message.step;
        this.thread.ask({ type: 'show', step: message.step });
        break;
      case 'want':
      case 'search':
        this.thread.ask(message);
        break;
      case 'openFile': {
        this.openText(message.step).catch((error: unknown) => showFailure('The file was not opened', error, this.options.log));
        break;
      }
      case 'error':
        this.options.log.error(`"${this.title}": ${message.message}`);
        break;
    }
  }

  private async openText(step: number): Promise<void> {
    const file = await textOfStep(this.place, step);
    if (file === null) void window.showInformationMessage(`The rollouts of ${rolloutsName(this.place)} are not text.`);
    else await openFile(file);
  }

  private tell(message: LensHostMessage): void {
    if (message.type === 'step') this.step = message.step;
    if (this.held !== null) this.held.push(message);
    else void this.panel.webview.postMessage(message);
  }

  private fail(error: Error): void {
    this.options.log.error(`"${this.title}": ${error.stack ?? error.message}`);
    this.tell({
      type: 'failure',
      step: this.step ?? 0,
      message: `Reading the rollouts failed: ${error.message}. Choose a step to try again.`,
    });
  }
}

/** The folder in which new steps appear, or rows of them. */
function watchedFolder({ format, path: place }: RolloutPlace): string {
  if (format === 'run') return path.join(place, runFiles.rollouts);
  return statSync(place, { throwIfNoEntry: false })?.isFile() ? path.dirname(place) : place;
}
