import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { RunLabel } from '../../core/records/runLabel.ts';
import { DirectoryWatch } from '../directory/directoryWatch.ts';
import { isWithin } from '../directory/pathWithin.ts';
import { LabelsFile, labelsFileName } from './labelsFile.ts';
import type { LabelChange, Labels } from './labelsFile.ts';

export interface RunLabelsOptions {
  /** A folder of the extension's own, for runs that no workspace folder can keep anything beside; left out: nothing is said of those. */
  readonly ownFolder?: string;
  /** Something else is said of some run. */
  readonly onChange: () => void;
  /** Told about a file that cannot be understood, as a sentence, once each. */
  readonly onProblem: (message: string) => void;
}

/** What is said of the runs of some workspace folders: `.otb/labels.json` in each, kept up to date whoever writes it. */
export class RunLabels {
  private readonly watched = new Map<string, WatchedLabels>();
  private roots: readonly string[] = [];
  private complaint = '';

  constructor(private readonly options: RunLabelsOptions) {
    if (options.ownFolder !== undefined) this.watchFile(options.ownFolder, null);
  }

  /** Settles when all files have been looked at once. */
  get ready(): Promise<void> {
    return Promise.all([...this.watched.values()].map(({ watch }) => watch.firstLook)).then(() => undefined);
  }

  /** Workspace folders, the first of which also keeps what is said of runs elsewhere. */
  setRoots(roots: readonly string[]): void {
    this.roots = roots;
    const { ownFolder } = this.options;
    const wanted = new Map(roots.map((root) => [path.join(root, '.otb'), root]));
    for (const [folder, { watch }] of this.watched) {
      if (folder === ownFolder || wanted.has(folder)) continue;
      watch.close();
      this.watched.delete(folder);
    }
    for (const [folder, root] of wanted) if (!this.watched.has(folder)) this.watchFile(folder, root);
  }

  run(dir: string): RunLabel | undefined {
    return this.keeperOf(dir)?.labels?.run(dir);
  }

  /** The name that somebody gave to a group. */
  group(runsDir: string, group: string): string | undefined {
    return this.keeperOf(path.join(runsDir, 'run'))?.labels?.group(runsDir, group);
  }

  /** Throws a RunDirectoryError where that cannot be kept; what the files said before is still there. */
  async change(changes: readonly LabelChange[]): Promise<void> {
    const byKeeper = new Map<WatchedLabels, LabelChange[]>();
    for (const change of changes) {
      const keeper = this.keeperOf(change.kind === 'run' ? change.dir : path.join(change.runsDir, 'run'));
      if (keeper) byKeeper.set(keeper, [...(byKeeper.get(keeper) ?? []), change]);
    }
    for (const [keeper, own] of byKeeper) {
      keeper.labels = await keeper.file.change(own);
      this.options.onChange();
    }
  }

  close(): void {
    for (const { watch } of this.watched.values()) watch.close();
  }

  /**
   * What keeps the label of a run: the innermost workspace folder that it is in, else the first that is not in it. Nothing is ever put
   * into a folder that another program's run is.
   */
  private keeperOf(dir: string): WatchedLabels | undefined {
    const [innermost] = this.roots.filter((root) => root !== dir && isWithin(dir, root)).toSorted((a, b) => b.length - a.length);
    const root = innermost ?? this.roots.find((other) => !isWithin(other, dir));
    return this.watched.get(root === undefined ? (this.options.ownFolder ?? '') : path.join(root, '.otb'));
  }

  private watchFile(folder: string, root: string | null): void {
    const { onChange } = this.options;
    const onProblem = (message: string): void => {
      if (message !== this.complaint) this.options.onProblem((this.complaint = message));
    };
    this.watched.set(folder, new WatchedLabels(new LabelsFile(path.join(folder, labelsFileName), root), { onChange, onProblem }));
  }
}

/** A file, and what it said when it could last be understood. */
class WatchedLabels {
  labels: Labels | undefined;
  /** What the file looked like at the last look; empty: it was not there. */
  private signature: string | undefined;
  readonly watch: DirectoryWatch;

  constructor(
    readonly file: LabelsFile,
    private readonly listener: Pick<RunLabelsOptions, 'onChange' | 'onProblem'>,
  ) {
    this.watch = new DirectoryWatch(path.dirname(file.file), () => this.look());
  }

  private async look(): Promise<boolean> {
    const { file, labels: before, signature: known } = this;
    const status = await stat(file.file).catch(() => undefined);
    const signature = status === undefined ? '' : `${status.ino} ${status.size} ${status.mtimeMs}`;
    if (signature !== known) {
      this.signature = signature;
      try {
        const labels = await file.read();
        // What was written meanwhile is newer.
        if (this.labels === before) this.labels = labels;
        if (known !== undefined || status !== undefined) this.listener.onChange();
      } catch (error) {
        // What is known stays shown.
        this.listener.onProblem((error as Error).message);
      }
    }
    return status !== undefined || existsSync(path.dirname(file.file));
  }
}
