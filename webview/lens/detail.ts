import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { counted, integerText, quantityText, scoreText } from '../../src/core/notation.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import type { Frames } from '../chart/frames.ts';
import { html, setChildren, setVisible } from '../dom.ts';
import type { Theme } from '../theme.ts';
import { ColorBar, type ColorActions } from './colorBar.ts';
import { colorings, isOfEstimator, rangeOf, valuesOf, type Colored, type ColorRange, type Coloring } from './coloring.ts';
import { GroupView } from './groupView.ts';
import { lensViews, type LensViewName } from './lensLook.ts';
import type { LensState } from './lensState.ts';
import { NoiseView } from './noiseView.ts';
import { placesOf, type FoundPlaces } from './foundPlaces.ts';
import { StripChart } from './stripChart.ts';
import { TokenReadout } from './tokenReadout.ts';
import { TextMessage, TokenText } from './tokenText.ts';
import { Tones } from './tones.ts';

export interface DetailActions extends ColorActions {
  view(name: LensViewName): void;
  open(sequence: number): void;
}

const viewNames: Readonly<Record<LensViewName, string>> = { text: 'Text', group: 'Group', noise: 'Noise' };

/** The trajectory that is open: its text, its group, and the noise of the step. */
export class Detail {
  private readonly facts = html('div', { class: 'facts' });
  private readonly tabs: readonly HTMLButtonElement[];
  private readonly tabList = html('div', { class: 'tabs', role: 'tablist', 'aria-label': 'What is shown' });
  private readonly bar: ColorBar;
  private readonly text: TokenText;
  private readonly readout = new TokenReadout();
  private readonly strip: StripChart;
  private readonly group: GroupView;
  private readonly noise = new NoiseView();
  private readonly message = new TextMessage();
  private readonly remark = new TextMessage();
  readonly element: HTMLElement;
  private trajectory: Trajectory | null = null;
  private estimators: readonly EstimatorName[] = [];
  private places: FoundPlaces = { response: [], prompt: [], inResponse: new Set(), inPrompt: new Set() };
  private foundAt = -1;
  /** What is drawn, so that nothing is drawn twice. */
  private drawnText = '';
  private drawnNoise: unknown = null;

  constructor(actions: DetailActions, theme: Theme, frames: Frames) {
    const tones = new Tones(theme);
    this.bar = new ColorBar(actions);
    this.text = new TokenText({ point: (token) => this.point(token) });
    this.strip = new StripChart({ point: (token) => this.point(token), reveal: (token) => this.text.reveal(token) }, theme, frames);
    this.group = new GroupView({ open: (sequence) => actions.open(sequence) }, tones, theme, frames);
    this.tabs = lensViews.map((name) => {
      const tab = html('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'lens-view' }, viewNames[name]);
      tab.addEventListener('click', () => actions.view(name));
      return tab;
    });
    this.tabList.addEventListener('keydown', (event) => {
      const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
      const at = this.tabs.findIndex((tab) => tab.getAttribute('aria-selected') === 'true');
      const next = (at + by + lensViews.length) % lensViews.length;
      const name = lensViews[next];
      if (by === 0 || name === undefined) return;
      actions.view(name);
      this.tabs[next]?.focus();
    });
    this.tabList.append(...this.tabs);
    this.element = html(
      'section',
      { class: 'detail', 'aria-label': 'Trajectory' },
      html('div', { class: 'detail-head' }, this.tabList, this.facts),
      this.bar.element,
      this.remark.element,
      html(
        'div',
        { class: 'detail-view', id: 'lens-view', role: 'tabpanel' },
        this.message.element,
        this.text.element,
        this.group.element,
        this.noise.element,
      ),
      this.readout.element,
      this.strip.element,
    );
  }

  focus(): void {
    this.text.focus();
  }

  /** The next place in the text with what is searched for. */
  nextFound(): void {
    const { prompt, response } = this.places;
    const count = prompt.length + response.length;
    if (count === 0) return;
    this.foundAt = (this.foundAt + 1) % count;
    if (this.foundAt < prompt.length) this.text.revealPrompt(prompt[this.foundAt] ?? 0);
    else {
      const token = response[this.foundAt - prompt.length] ?? 0;
      this.text.reveal(token);
      this.point(token);
    }
  }

  update(state: LensState): void {
    const { view, openedTrajectory: trajectory, opened } = state;
    if (trajectory !== this.trajectory) this.foundAt = -1;
    this.trajectory = trajectory;
    this.estimators = [state.estimator, ...(view.compared !== null && view.compared !== state.estimator ? [view.compared] : [])];
    lensViews.forEach((name, index) => {
      this.tabs[index]?.setAttribute('aria-selected', String(view.view === name));
      this.tabs[index]?.setAttribute('tabindex', view.view === name ? '0' : '-1');
    });
    const isText = view.view === 'text';
    const hasTokens = state.rows.length === 0 || state.rows.some(({ tokens }) => tokens !== null);
    for (const tab of this.tabs) setVisible(tab, hasTokens || tab.id === 'tab-text');
    const isGroup = view.view === 'group';
    this.message.show(messageOf(state));
    setChildren(this.facts, opened === null || view.view === 'noise' ? [] : factsOf(state, trajectory));
    const known = trajectory === null ? [] : knownColorings(trajectory);
    const coloring = view.coloring;
    const group = isGroup && opened !== null ? state.groupOf(opened).flatMap(({ sequence }) => state.whole.get(sequence) ?? []) : [];
    const isWhole = isGroup && opened !== null && group.length === state.groupOf(opened).length;
    const shownEstimators = isText ? this.estimators : this.estimators.slice(0, 1);
    const range =
      view.view === 'noise' ? null : rangeOfAll(isGroup ? group : trajectory === null ? [] : [trajectory], coloring, shownEstimators);
    this.bar.update(state, known, range);
    setVisible(this.bar.element, view.view !== 'noise' && opened !== null && (known.length > 0 || state.estimators.length > 0));
    this.remark.show(view.view === 'noise' || trajectory === null ? '' : remarkOf(trajectory, coloring, shownEstimators, range));
    this.showText(isText ? trajectory : null, state, range);
    this.group.show(
      isGroup && isWhole && trajectory?.isTokenized === true && opened !== null
        ? {
            group: opened.group,
            trajectories: group,
            opened: opened.sequence,
            coloring,
            estimator: state.estimator,
            range: range ?? { low: 0, high: 1, isDiverging: false },
          }
        : null,
    );
    setVisible(this.noise.element, view.view === 'noise' && state.failure === null);
    const noise = state.noise ?? 'The noise of the step is worked out when the step has been read.';
    if (view.view === 'noise' && noise !== this.drawnNoise) this.noise.show(noise);
    if (view.view === 'noise') this.drawnNoise = noise;
  }

  private showText(trajectory: Trajectory | null, state: LensState, range: ColorRange | null): void {
    const { coloring, search } = state.view;
    setVisible(this.readout.element, trajectory?.isTokenized === true);
    const key = trajectory === null ? '' : JSON.stringify([state.step, trajectory.sequence, coloring, this.estimators, search]);
    if (key === this.drawnText) return;
    this.drawnText = key;
    this.places = placesOf(trajectory, search);
    const columns = this.estimators.map((estimator, index) => ({
      heading: index === 0 && this.estimators.length === 1 ? null : estimator,
      values: trajectory === null || !trajectory.isTokenized ? null : valuesOf(trajectory, coloring, estimator),
    }));
    this.text.show(
      trajectory === null
        ? null
        : {
            trajectory,
            columns: trajectory.isTokenized ? columns : columns.slice(0, 1),
            range: range ?? { low: 0, high: 1, isDiverging: false },
            found: this.places.inResponse,
            foundInPrompt: this.places.inPrompt,
          },
    );
    this.strip.show(trajectory, this.estimators);
    this.point(null);
  }

  private point(token: number | null): void {
    const shown = this.trajectory?.isTokenized === true ? token : null;
    this.text.point(shown);
    this.strip.point(shown);
    this.readout.show(this.trajectory, shown, this.estimators);
  }
}

function messageOf({ failure, opened, openedTrajectory, isComplete, rows, view, whole }: LensState): string {
  if (failure !== null) return failure;
  if (view.view === 'noise') return '';
  if (opened === null)
    return rows.length > 0
      ? 'Choose a trajectory in the list.'
      : isComplete
        ? 'There is nothing to show of this step.'
        : 'Reading the step…';
  if (openedTrajectory === null) return 'Reading the trajectory…';
  if (view.view !== 'group') return '';
  if (!openedTrajectory.isTokenized) return 'This source has no tokens, so that responses cannot be set side by side by token.';
  return rows.some(({ group, sequence }) => group === opened.group && !whole.has(sequence)) ? 'Reading the group…' : '';
}

function knownColorings(trajectory: Trajectory): readonly Coloring[] {
  if (!trajectory.isTokenized) return [];
  return (Object.keys(colorings) as Coloring[]).filter((coloring) => {
    if (coloring === 'advantage') return Object.keys(trajectory.advantages).length > 0;
    if (coloring === 'baseline') return Object.keys(trajectory.baselines).length > 0;
    return valuesOf(trajectory, coloring, 'reinforce') !== null;
  });
}

function rangeOfAll(trajectories: readonly Trajectory[], coloring: Coloring, estimators: readonly EstimatorName[]): ColorRange | null {
  const colored: Colored[] = trajectories.flatMap((trajectory) =>
    (isOfEstimator(coloring) ? estimators : estimators.slice(0, 1)).flatMap((estimator) => {
      const values = trajectory.isTokenized ? valuesOf(trajectory, coloring, estimator) : null;
      return values === null ? [] : [{ values, tokens: trajectory.response.length }];
    }),
  );
  return colored.length === 0 ? null : rangeOf(coloring, colored);
}

/** Why something is not to be seen. */
function remarkOf(trajectory: Trajectory, coloring: Coloring, estimators: readonly EstimatorName[], range: ColorRange | null): string {
  if (!trajectory.isTokenized) return 'This source has texts but no tokens, so there are no numbers to color tokens by.';
  const without = estimators.filter((estimator) => valuesOf(trajectory, coloring, estimator) === null);
  if (coloring === 'baseline' && without.length > 0)
    return `${without.join(' and ')} rescales the reward, so that its advantage is not a reward less a baseline: there is no baseline to show.`;
  return range === null ? `The source does not have this: ${colorings[coloring]}.` : '';
}

function factsOf(state: LensState, trajectory: Trajectory | null): HTMLElement[] {
  const { opened, estimators } = state;
  if (opened === null) return [];
  const fact = (name: string, value: string): HTMLElement =>
    html('span', { class: 'fact' }, html('span', { class: 'muted' }, name), ' ', html('b', {}, value));
  const { sequence, group, reward, tokens, actions, characters, turns, truncated, energy, facts } = opened;
  const shown = [html('b', { class: 'fact' }, `#${integerText(sequence)}`), fact('group', integerText(group))];
  if (reward !== null) shown.push(fact('reward', scoreText(reward)));
  shown.push(tokens === null ? fact('', counted(characters, 'character')) : fact('', counted(tokens, 'token')));
  if (actions !== null && actions !== tokens) shown.push(fact('chosen', integerText(actions)));
  if (turns !== null) shown.push(fact('', counted(turns, 'turn')));
  if (truncated === true) shown.push(html('b', { class: 'fact row-cut' }, 'truncated'));
  if (energy !== null) shown.push(fact('W(τ)', quantityText(energy)));
  // Without tokens, what an estimator gives the response is all there is of it.
  if (trajectory?.isTokenized === false)
    for (const name of estimators) {
      const advantage = trajectory.advantages[name];
      if (typeof advantage === 'number') shown.push(fact(`advantage, ${name}`, quantityText(advantage)));
    }
  for (const [name, value] of Object.entries(facts)) {
    const text = value === null ? '–' : typeof value === 'number' ? quantityText(value) : String(value);
    const element = fact(name, text.length > 60 ? `${text.slice(0, 60)}…` : text);
    element.title = `${name}: ${text}`;
    shown.push(element);
  }
  return shown;
}
