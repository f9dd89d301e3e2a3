import { hasCollapsed } from '../src/core/records/runState.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { html, setText } from './dom.ts';
import { onsetText } from './runTexts.ts';

/** Tells a screen reader, without interrupting it, that a run collapsed while the panel was open. */
export class Announcer {
  readonly element = html('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  /** Runs that are known to have collapsed; null before the first look. */
  private known: ReadonlySet<string> | null = null;
  private runs: readonly PanelRun[] | null = null;

  update(runs: readonly PanelRun[] | null): void {
    if (runs === this.runs) return;
    this.runs = runs;
    if (runs === null) {
      this.known = null;
      return;
    }
    const collapsed = runs.filter(hasCollapsed);
    const fresh = this.known === null ? [] : collapsed.filter(({ id }) => this.known?.has(id) === false);
    this.known = new Set(collapsed.map(({ id }) => id));
    if (fresh.length > 0) setText(this.element, fresh.map((run) => `${run.label} collapsed: ${onsetText(run)}.`).join(' '));
  }
}
