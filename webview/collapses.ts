import { hasCollapsed, isForeign, isLive, processActions } from '../src/core/records/runState.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { html, setAttribute, setChildren, setText, setVisible } from './dom.ts';
import { icon } from './icons.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import { runAction } from './runAction.ts';
import type { Act } from './runAction.ts';
import { collapseMark, onsetText } from './runTexts.ts';
import type { PanelSeries } from './series.ts';
import { seriesMark } from './seriesMark.ts';

interface Collapse {
  readonly run: PanelRun;
  readonly series: PanelSeries;
}

/** More would push the charts out of sight. */
const shownAtFirst = 3;

/** What the detector said of each run that collapsed, and what can be done about it. The latest comes first. */
export class Collapses {
  private readonly list = html('ul', { class: 'collapse-list' });
  private readonly more = html('button', { type: 'button', class: 'link' });
  readonly element = html('section', { class: 'collapses', 'aria-label': 'Collapsed runs', hidden: true }, this.list, this.more);
  private readonly items: KeyedList<Collapse>;
  private runs: readonly PanelRun[] | null = null;
  private collapses: readonly Collapse[] = [];
  private showsAll = false;

  constructor(act: Act) {
    const keyOf = ({ run, series }: Collapse): string => `${run.id}\n${series.style.light}`;
    this.items = new KeyedList<Collapse>(this.list, keyOf, (collapse) => collapseItem(collapse, this.collapses.length === 1, act));
    this.more.addEventListener('click', () => {
      this.showsAll = !this.showsAll;
      this.show();
    });
  }

  update({ runs, series }: PanelState): void {
    if (runs === this.runs) return;
    this.runs = runs;
    const latestFirst = (a: Collapse, b: Collapse): number => (b.run.detectedStep ?? 0) - (a.run.detectedStep ?? 0);
    const collapses = series.flatMap((entry) => entry.runs.filter(hasCollapsed).map((run) => ({ run, series: entry })));
    // Runs that go on stand first: something can still be done about them.
    this.collapses = collapses.toSorted((a, b) => Number(isLive(b.run)) - Number(isLive(a.run)) || latestFirst(a, b));
    this.show();
  }

  private show(): void {
    const count = this.collapses.length;
    setVisible(this.element, count > 0);
    this.items.update(this.showsAll ? this.collapses : this.collapses.slice(0, shownAtFirst));
    setVisible(this.more, count > shownAtFirst);
    setText(this.more, this.showsAll ? 'Show fewer' : `Show all ${count} collapsed runs`);
    setAttribute(this.more, 'aria-expanded', String(this.showsAll));
  }
}

function collapseItem({ run: created, series }: Collapse, isOpen: boolean, act: Act): ItemView<Collapse> {
  const onset = html('span', { class: 'muted' });
  const message = html('span', { class: 'collapse-message' });
  const advice = html('p', { class: 'advice' });
  const stop = runAction(act, 'stop', 'Stop run', created);
  const openLog = runAction(act, 'openLog', 'Open log', created);
  const openConfig = runAction(act, 'openConfig', 'Open config', created);
  const buttons = html('div', { class: 'collapse-actions' });
  const name = html('strong', {}, created.label);
  const title = html('span', { class: 'collapse-title' }, icon('chevron'), icon('warning'), seriesMark(series), name, onset);
  const details = html('details', { open: isOpen }, html('summary', {}, title, message), advice);
  return {
    element: html('li', { class: 'collapse' }, details, buttons),
    update({ run }) {
      const mark = collapseMark(run);
      setText(onset, onsetText(run) + (run.collapse === 'recovered' ? ', recovered since' : ''));
      setText(message, mark?.message ?? 'The run collapsed.');
      setText(advice, mark === null || mark.advice === '' ? '' : `What to do: ${mark.advice}`);
      setChildren(buttons, [...(processActions(run).includes('stop') ? [stop] : []), isForeign(run) ? openLog : openConfig]);
    },
  };
}
