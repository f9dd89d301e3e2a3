import type { Event, LogOutputChannel } from 'vscode';
import { EventEmitter } from 'vscode';
import { RunCatalog } from '../../runs/catalog/runCatalog.ts';
import type { OpenRun } from '../../runs/catalog/runCatalog.ts';
import type { CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import { Disposables } from '../disposable.ts';
import type { Programs } from '../programs.ts';
import type { Settings } from '../settings.ts';

/** The runs of this window: those under `.otb/runs` of its folders, and under the folders that the settings name. */
export class WorkspaceRuns extends Disposables {
  private readonly changed = this.register(new EventEmitter<CatalogChange>());
  private readonly catalog: RunCatalog;

  constructor(readonly settings: Settings, readonly log: LogOutputChannel, programs: Programs) {
    super();
    this.catalog = new RunCatalog({ onChange: (change) => this.changed.fire(change), readerEntry: programs.reader });
  }

  get onDidChange(): Event<CatalogChange> {
    return this.changed.event;
  }

  /** Newest first. */
  get runs(): readonly RunOverview[] {
    return this.catalog.runs;
  }

  get ready(): Promise<void> {
    return this.catalog.ready;
  }

  get(dir: string): RunOverview | undefined {
    return this.catalog.get(dir);
  }

  openMetrics(dir: string, onRows: (from: number) => void): OpenRun {
    return this.catalog.openMetrics(dir, onRows);
  }
}
