import { countText } from '../src/core/notation.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { laterSurgesText } from '../src/core/records/collapseWords.ts';
import { hasCollapsed, isForeign, processActions } from '../src/core/records/runState.ts';
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

/** The runs of an estimator, of which some collapsed. */
interface Collapse {
  readonly estimator: string;
  readonly style: PanelSeries['style'];
  readonly runs: readonly PanelRun[];
  /** The earliest first. */
  readonly collapsed: readonly PanelRun[];
}

/** More lines would push all else out of reach; the rest is one click away. */
const shownAtFirst = 8;

/** A line for each estimator that collapsed, the earliest first; opened, it says of each run what the detector said and what can be done. */
export class Collapses {
  private readonly list = html('ul', {});
  private readonly more = html('button', { type: 'button', class: 'link' });
  readonly element = html('section', { class: 'collapses', 'aria-label': 'Collapsed runs', hidden: true }, this.list, this.more);
  private readonly items: KeyedList<Collapse>;
  private series: readonly PanelSeries[] = [];
  private collapses: readonly Collapse[] = [];
  private showsAll = false;

  constructor(act: Act) {
    const keyOf = ({ estimator, style }: Collapse): string => `${estimator}\n${style.light}`;
    this.items = new KeyedList<Collapse>(this.list, keyOf, (collapse) => collapseItem(collapse, this.isOnlyRun, act));
    this.more.addEventListener('click', () => {
      this.showsAll = !this.showsAll;
      this.show();
    });
  }

  update({ series }: PanelState): void {
    if (series === this.series) return;
    this.series = series;
    const first = ({ collapsed: [run] }: Collapse): number => (run === undefined ? Infinity : onsetOf(run));
    this.collapses = collapsesOf(series).toSorted((a, b) => first(a) - first(b));
    this.show();
  }

  private get isOnlyRun(): boolean {
    return this.series.length === 1 && this.series[0]?.runs.length === 1;
  }

  private show(): void {
    const count = this.collapses.length;
    setVisible(this.element, count > 0);
    this.items.update(this.showsAll ? this.collapses : this.collapses.slice(0, shownAtFirst));
    setVisible(this.more, count > shownAtFirst);
    setText(this.more, this.showsAll ? 'Show fewer' : `Show all ${count}`);
    setAttribute(this.more, 'aria-expanded', String(this.showsAll));
  }
}

function collapsesOf(series: readonly PanelSeries[]): readonly Collapse[] {
  const estimators = new Map<string, Pick<Collapse, 'style'> & { readonly runs: PanelRun[] }>();
  for (const { style, runs } of series) {
    for (const run of runs) {
      const entry = estimators.get(run.estimator);
      if (entry === undefined) estimators.set(run.estimator, { style, runs: [run] });
      else entry.runs.push(run);
    }
  }
  return Array.from(estimators, ([estimator, { style, runs }]) => {
    const collapsed = runs.filter(hasCollapsed).toSorted((a, b) => onsetOf(a) - onsetOf(b));
    return { estimator, style, runs, collapsed };
  }).filter(({ collapsed }) => collapsed.length > 0);
}

function onsetOf({ onsetStep }: PanelRun): number {
  return onsetStep ?? Infinity;
}

/** "4 of 4 collapsed, first at step 38"; of one run "collapsed: onset at step 38, noticed at step 54". */
function summaryText({ runs, collapsed }: Collapse): string {
  const [first] = collapsed;
  if (first === undefined) return '';
  const recovered = collapsed.filter(({ collapse }) => collapse === 'recovered').length;
  if (runs.length === 1) return `collapsed: ${collapseText(first)}`;
  const since = recovered === 0 ? '' : `, ${countText(recovered, collapsed.length)} recovered since`;
  const start = first.onsetStep === null ? '' : `, first at step ${first.onsetStep}`;
  return `${countText(collapsed.length, runs.length)} collapsed${start}${since}`;
}

function collapseText(run: PanelRun): string {
  return onsetText(run) + (run.collapse === 'recovered' ? ', recovered since' : '');
}

function collapseItem({ estimator, style }: Collapse, isOpen: boolean, act: Act): ItemView<Collapse> {
  const text = html('span', { class: 'collapse-text' });
  const list = html('ul', { class: 'collapsed-runs' });
  const runs = new KeyedList<PanelRun>(
    list,
    ({ id }) => id,
    (run) => collapsedRun(run, act),
  );
  const mark = seriesMark({ style, dash: [] });
  const summary = html('summary', {}, icon('chevron'), icon('warning'), mark, html('strong', {}, estimator), text);
  return {
    element: html('li', { class: 'collapse' }, html('details', { open: isOpen }, summary, list)),
    update(collapse) {
      setText(text, summaryText(collapse));
      runs.update(collapse.collapsed);
    },
  };
}

/** What the detector said of a run, and what can be done about it. */
function collapsedRun(created: PanelRun, act: Act): ItemView<PanelRun> {
  const name = html('strong', {}, created.label);
  const onset = html('span', { class: 'muted' });
  const message = html('p', {});
  const advice = html('p', { class: 'muted' });
  const stop = runAction(act, 'stop', 'Stop run', created);
  const branch = runAction(act, 'branch', 'Branch…', created);
  const openLog = runAction(act, 'openLog', 'Open log', created);
  const openConfig = runAction(act, 'openConfig', 'Open config', created);
  const buttons = html('div', { class: 'run-buttons' });
  return {
    element: html('li', { class: 'collapsed-run' }, html('div', {}, html('p', {}, name, ' ', onset), message, advice), buttons),
    update(run) {
      const mark = collapseMark(run);
      setText(name, run.label);
      setText(onset, collapseText(run));
      setText(message, `${mark?.message ?? 'The run collapsed.'} ${laterSurgesText(run.marks, run.detectedStep)}`.trim());
      setText(advice, mark === null || mark.advice === '' ? '' : `What to do: ${mark.advice}`);
      setChildren(buttons, [
        ...(processActions(run).includes('stop') ? [stop] : []),
        ...(isForeign(run) ? [openLog] : [branch, openConfig]),
      ]);
    },
  };
}
