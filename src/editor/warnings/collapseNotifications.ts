import path from 'node:path';
import { commands, window } from 'vscode';
import type { Disposable } from 'vscode';
import { comparedAs } from '../../core/records/runIdentity.ts';
import { hasCollapsed, isArchived, isForeign, isLive, isStoppable } from '../../core/records/runState.ts';
import { offeredBranch } from '../../runs/branching/branchSource.ts';
import { isOwn } from '../../runs/catalog/runOverview.ts';
import type { CatalogChange, RunOverview } from '../../runs/catalog/runOverview.ts';
import { showFailure } from '../commands/messages.ts';
import { Disposables } from '../disposable.ts';
import type { Parts } from '../parts.ts';
import { byGroup, groupOf, nodeId, runsOf } from '../runSelection.ts';
import { collapseKey, collapseSentence, nothingToStop, toStop } from './collapseSentence.ts';
import { NotificationClaims } from './notificationClaims.ts';

/** Milliseconds in which collapses are gathered into one notification. */
const gatherMs = 1500;

/** One notification for each estimator of a group whose runs collapse while this window is open. */
export function registerCollapseNotifications(parts: Pick<Parts, 'context' | 'runs' | 'settings' | 'panels' | 'log'>): Disposable {
  return new CollapseNotifications(parts);
}

/**
 * VS Code lets nobody change or close a notification that has buttons. So the first run of an estimator is told, the others of its group
 * count in the badge and the status bar, and the buttons are about all of them that have collapsed by the time they are clicked.
 */
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
    const told = new Map<string, RunOverview>();
    for (const dir of dirs) {
      const run = this.parts.runs.get(dir);
      if (run && run.detectedStep !== null && !isArchived(run) && (await this.isOurs(run))) told.set(estimatorKey(run), run);
    }
    if (told.size > 0) await this.show([...told.values()]);
  }

  /** Whether this window has to tell of a collapse: no other does, and no other run of the estimator has been told of. */
  private async isOurs(run: RunOverview): Promise<boolean> {
    if (!(await this.claims.claim(collapseKey(run)))) return false;
    // A run that was resumed and collapses again is news, whatever was told before.
    const isFirst = await this.claims.claim(`the first of ${run.dir}`);
    return (await this.claims.claim(estimatorKey(run))) || !isFirst;
  }

  /** `firsts`: a run of each estimator. */
  private async show(firsts: readonly RunOverview[]): Promise<void> {
    const { runs, panels, settings } = this.parts;
    const estimators = (): readonly (readonly RunOverview[])[] =>
      firsts.map((first) => runsOf([groupOf(first)], runs).filter((run) => estimatorKey(run) === estimatorKey(first)));
    const fallen = (): readonly RunOverview[] => estimators().flatMap((all) => all.filter(hasCollapsed));
    const now = estimators();
    const show = 'Show';
    const stop = now.flat().length === 1 ? 'Stop Run' : 'Stop Collapsed Runs';
    const never = "Don't Show Again";
    const [only, ...more] = fallen();
    // One that branches by itself needs no button for it.
    const branches = only !== undefined && more.length === 0 && isOwn(only) && only.identity.record.config.onCollapse !== 'branch';
    const branch = branches ? offeredBranch(only) : undefined;
    const offered = [...(branch ? [branch.title] : []), ...(fallen().some(isStoppable) ? [stop] : [])];
    const choice = await window.showWarningMessage(collapseSentence(now), show, ...offered, never);
    if (only && branch && choice === branch.title) {
      await commands.executeCommand('otb.branchRun', [only.dir], branch);
      return;
    }
    switch (choice) {
      case show: {
        const groups = byGroup(firsts);
        const [only] = groups;
        if (groups.length === 1 && only) await panels.open({ ...only.node, series: null });
        else await panels.open({ kind: 'runs', runs: fallen().map(({ dir }) => dir) });
        break;
      }
      case stop: {
        const stopped = toStop(fallen());
        if (stopped.length > 0)
          await commands.executeCommand(
            'otb.stopRun',
            stopped.map(({ dir }) => dir),
          );
        else void window.showInformationMessage(nothingToStop(fallen()));
        break;
      }
      case never:
        await settings.setForUser('collapse.notification', false);
        break;
      case undefined:
        break;
    }
  }
}

/** What there is one notification for. A group of another program's runs may grow for months: for its estimators, one a day. */
function estimatorKey(run: RunOverview): string {
  const day = isForeign(run) ? ` ${new Date().toISOString().slice(0, 10)}` : '';
  return `${nodeId(groupOf(run))} ${comparedAs(run.identity)}${day}`;
}
