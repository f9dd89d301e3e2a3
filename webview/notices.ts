import { silenceSentences } from '../src/core/records/collapseWords.ts';
import { hasFailed, isForeign, isLive, isResumable } from '../src/core/records/runState.ts';
import { repeatSentence } from '../src/core/comparison/repeats.ts';
import type { PanelRun } from '../src/core/panel/panelRun.ts';
import { html, setAttribute, setChildren, setText, setVisible } from './dom.ts';
import { choiceText } from './figureMetrics.ts';
import { icon } from './icons.ts';
import { KeyedList } from './keyedList.ts';
import type { ItemView } from './keyedList.ts';
import type { PanelState } from './panelState.ts';
import { runAction } from './runAction.ts';
import type { Act } from './runAction.ts';
import { emptyText, notShownText, stateText, toldOf, unjudgedText, unplacedText } from './runTexts.ts';
import { isRepeat } from './series.ts';

/** Notices: that there is nothing to draw yet, which runs ended before they were done, which have no gradient, and which cannot be drawn on this axis. */
export class Notices {
  private readonly sentence = html('p', { class: 'notice', hidden: true });
  private readonly unplaced = html('p', { class: 'muted', hidden: true });
  private readonly unjudged = html('p', { class: 'muted', hidden: true });
  private readonly notShown = html('p', { class: 'muted', hidden: true });
  private readonly repeats = html('p', { class: 'muted', hidden: true });
  private readonly list = html('ul', { class: 'notice-list' });
  readonly element = html(
    'section',
    { class: 'notices', 'aria-label': 'Notes on the runs' },
    this.sentence,
    this.list,
    this.unplaced,
    this.unjudged,
    this.notShown,
    this.repeats,
  );
  private readonly notes: KeyedList<PanelRun>;

  constructor(act: Act) {
    this.notes = new KeyedList<PanelRun>(
      this.list,
      ({ id }) => id,
      (run) => note(run, act),
    );
  }

  update({ runs, hasRows, unplaced, view }: PanelState): void {
    const text = hasRows ? null : emptyText(runs);
    setVisible(this.sentence, text !== null);
    setText(this.sentence, text ?? '');
    setVisible(this.unplaced, unplaced.length > 0);
    setText(this.unplaced, unplacedText(unplaced, view.x));
    const gaps = unjudgedText(runs ?? []);
    const unjudged = gaps === '' ? '' : `${gaps} ${choiceText(runs ?? [])}`.trim();
    setVisible(this.unjudged, unjudged !== '');
    setText(this.unjudged, unjudged);
    const notShown = notShownText(runs ?? []);
    setVisible(this.notShown, notShown !== '');
    setText(this.notShown, notShown);
    const repeats = repeatSentence((runs ?? []).filter(isRepeat).length) ?? '';
    setVisible(this.repeats, repeats !== '');
    setText(this.repeats, repeats);
    const ended = (runs ?? []).filter(hasFailed);
    const waiting = (runs ?? []).filter((run) => isLive(run) && run.note !== null);
    const silent = (runs ?? []).filter((run) => run.collapse === 'silent');
    const noted = [...new Set([...ended, ...waiting, ...silent])];
    this.notes.update(noted);
    const isEmpty = text === null && noted.length + unplaced.length === 0 && unjudged + notShown + repeats === '';
    setVisible(this.element, !isEmpty);
  }
}

function note(created: PanelRun, act: Act): ItemView<PanelRun> {
  const text = html('span', {});
  const state = html('span', { class: 'state' });
  const buttons = html('div', { class: 'run-buttons' });
  const resume = runAction(act, 'resume', 'Resume run', created);
  const log = runAction(act, 'openLog', 'Open log', created);
  const errors = runAction(act, 'openErrors', 'Open log', created);
  let shown = '';
  return {
    element: html('li', { class: 'note' }, html('div', { class: 'note-text' }, state, html('strong', {}, created.label), text), buttons),
    update(run) {
      const { text: words, icon: name, tone } = stateText(run);
      setText(text, [run.note ?? '', silenceSentences(toldOf(run))].filter((sentence) => sentence !== '').join(' ') || words);
      setAttribute(state, 'class', `state tone-${tone}`);
      if (shown !== name) state.replaceChildren(icon(name));
      shown = name;
      const isThere = run.isDeleted !== true;
      const opens = hasFailed(run) && !isForeign(run) ? [errors] : isResumable(run) || isForeign(run) ? [log] : [];
      setChildren(buttons, [...(isResumable(run) ? [resume] : []), ...(isThere ? opens : [])]);
    },
  };
}
