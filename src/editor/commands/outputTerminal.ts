import { existsSync } from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { EventEmitter, ThemeIcon, window } from 'vscode';
import type { Pseudoterminal, Terminal } from 'vscode';
import { isProgram } from '../../core/config/programConfig.ts';
import { runFiles } from '../../core/records/run.ts';
import { isLive } from '../../core/records/runState.ts';
import { runName } from '../../runs/catalog/runOverview.ts';
import type { OwnRun, RunOverview } from '../../runs/catalog/runOverview.ts';
import { ByteTail } from '../../runs/directory/byteTail.ts';
import { DirectoryWatch } from '../../runs/directory/directoryWatch.ts';
import type { WorkspaceRuns } from '../runs/workspaceRuns.ts';

/** Bytes of older output that are shown. */
const shownBytes = 2 << 20;

/** Terminals that show what runs print, one a run. */
const terminals = new Map<string, Terminal>();

/** Shows what a run prints, with its colors, and goes on as it does. */
export function showOutput(run: OwnRun, runs: Pick<WorkspaceRuns, 'get'>): Promise<void> {
  const { dir } = run;
  const file = path.join(dir, isProgram(run.identity.record.config) ? runFiles.console : runFiles.stdout);
  const terminal =
    terminals.get(dir) ??
    window.createTerminal({
      name: `Output of ${runName(run)}`,
      iconPath: new ThemeIcon('output'),
      pty: new OutputTerminal(
        file,
        () => runs.get(dir),
        () => terminals.delete(dir),
      ),
      isTransient: true,
    });
  terminals.set(dir, terminal);
  terminal.show(true);
  return Promise.resolve();
}

/** Follows the file with a run's output; takes no input. */
class OutputTerminal implements Pseudoterminal {
  private readonly written = new EventEmitter<string>();
  readonly onDidWrite = this.written.event;
  private readonly decoder = new StringDecoder('utf8');
  private readonly tail: ByteTail;
  private watch: DirectoryWatch | undefined;
  private hasEnded = false;

  constructor(
    private readonly file: string,
    private readonly run: () => Pick<RunOverview, 'process' | 'note'> | undefined,
    private readonly onClose: () => void,
  ) {
    this.tail = new ByteTail(
      file,
      {
        bytes: (bytes) => this.write(this.decoder.write(bytes)),
        skipped: () => this.write('…\n'),
        // A file that has come to its size is followed by the next.
        reset: () => undefined,
      },
      { lastBytes: shownBytes },
    );
  }

  open(): void {
    this.watch = new DirectoryWatch(path.dirname(this.file), () => this.look());
  }

  close(): void {
    this.watch?.close();
    this.written.dispose();
    this.onClose();
  }

  private async look(): Promise<boolean> {
    await this.tail.read().catch((error: unknown) => this.write(`\n${String(error)}\n`));
    const run = this.run();
    const ended = run === undefined || !isLive(run);
    if (ended && !this.hasEnded) this.write(`\n\u001b[2m${run?.note ?? 'The run has ended.'}\u001b[0m\n`);
    this.hasEnded = ended;
    return existsSync(path.dirname(this.file));
  }

  /** A terminal wants carriage returns, which the file of a program that printed to a pipe does not have. */
  private write(text: string): void {
    this.written.fire(text.replaceAll(/\r?\n/g, '\r\n'));
  }
}
