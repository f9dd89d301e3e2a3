import path from 'node:path';
import { commands, window } from 'vscode';
import type { Disposable } from 'vscode';
import { isLive, isStoppable } from '../../core/records/runState.ts';
import type { CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import { showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import type { Parts } from '../parts.ts';
import { collapseKey, collapseSentence } from './collapseSentence.ts';
import { NotificationClaims } from './notificationClaims.ts';

/** Milliseconds in which collapses are gathered into one notification. */
const gatherMs = 1500;

/** One notification for each run that collapses while this window is open. */
export function registerCollapseNotifications(parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'log'>): Disposable {
  return new CollapseNotifications(parts);
}

class CollapseNotifications extends Disposables {
  private readonly claims: NotificationClaims;
  /** Step at which each run's collapse was noticed, as far as it is known; null: none. */
  private readonly known = new Map<string, number | null>();
  private readonly fresh = new Set<string>();
  private gathering: NodeJS.Timeout | undefined;
  private isFirstScan = true;

  constructor(private readonly parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'log'>) {
    super();
    this.claims = new NotificationClaims(path.join(parts.context.globalStorageUri.fsPath, 'notified'));
    this.claims.prune().catch((error: unknown) => parts.log.warn(`What is left of old notifications was not removed: ${String(error)}`));
    this.register({ dispose: () => clearTimeout(this.gathering) });
    this.register(parts.runs.onDidChange((change) => this.take(change)));
    void parts.runs.ready.then(() => (this.isFirstScan = false));
  }

  private take({ added, changed, removed }: CatalogChange): void {
    for (const { dir } of removed) this.known.delete(dir);
    for (const run of [...added, ...changed]) {
      const before = this.known.get(run.dir);
      this.known.set(run.dir, run.detectedStep);
      if (run.detectedStep === null || run.detectedStep === before) continue;
      // What had collapsed before it was first looked at is old, and left to the badge, unless the run has only just begun.
      if (before !== undefined || (!this.isFirstScan && isLive(run))) this.fresh.add(run.dir);
    }
    if (this.fresh.size > 0) this.gathering ??= setTimeout(() => void this.tell().catch((error: unknown) => this.report(error)), gatherMs);
  }

  private report(error: unknown): void {
    showFailure('The notification could not do this', error, this.parts.log);
  }

  private async tell(): Promise<void> {
    this.gathering = undefined;
    const dirs = [...this.fresh].sort();
    this.fresh.clear();
    if (!this.parts.settings.get('collapse.notification')) return;
    const runs: RunOverview[] = [];
    for (const dir of dirs) {
      const run = this.parts.runs.get(dir);
      if (run && run.detectedStep !== null && (await this.claims.claim(collapseKey(run)))) runs.push(run);
    }
    if (runs.length > 0) await this.show(runs);
  }

  private async show(runs: readonly RunOverview[]): Promise<void> {
    const show = 'Show';
    const stop = runs.length === 1 ? 'Stop Run' : 'Stop Runs';
    const never = "Don't Show Again";
    const buttons = runs.some(isStoppable) ? [show, stop, never] : [show, never];
    const dirs = runs.map(({ dir }) => dir);
    switch (await window.showWarningMessage(collapseSentence(runs), ...buttons)) {
      case show:
        await this.parts.panels.open({ kind: 'runs', runs: dirs });
        break;
      case stop:
        await commands.executeCommand('otb.stopRun', dirs);
        break;
      case never:
        await this.parts.settings.setForUser('collapse.notification', false);
        break;
      case undefined:
        break;
    }
  }
}
