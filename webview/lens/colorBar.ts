import { estimatorNames, type EstimatorName } from '../../src/core/estimators/estimator.ts';
import { quantityText } from '../../src/core/notation.ts';
import { Choice } from '../controls/choice.ts';
import { html, setText, setVisible } from '../dom.ts';
import { colorings, tones, type ColorRange, type Coloring } from './coloring.ts';
import type { LensState } from './lensState.ts';
import { toneClass } from './tones.ts';

export interface ColorActions {
  color(coloring: Coloring): void;
  estimate(estimator: EstimatorName): void;
  compare(estimator: EstimatorName | null): void;
}

/** What tokens are coloured by, under which estimators, and what the colours mean. */
export class ColorBar {
  private readonly coloring: Choice;
  private readonly estimator: Choice;
  private readonly compared: Choice;
  private readonly low = html('span', {});
  private readonly high = html('span', {});
  private readonly scale = html('span', { class: 'scale', 'aria-hidden': 'true' });
  private readonly legend = html('span', { class: 'lens-legend' }, this.low, this.scale, this.high);
  private isDiverging: boolean | null = null;
  readonly element: HTMLElement;

  constructor(actions: ColorActions) {
    this.coloring = new Choice('', {
      label: 'Color by',
      title: 'What the tokens are colored by',
      onChange: (value) => actions.color(value as Coloring),
    });
    this.estimator = new Choice('', {
      label: 'Estimator',
      title: 'Whose baseline and advantage are shown',
      onChange: (value) => actions.estimate(value as EstimatorName),
    });
    this.compared = new Choice('', {
      label: 'Beside',
      title: 'A second estimator on the same text',
      onChange: (value) => actions.compare(value === 'none' ? null : (value as EstimatorName)),
    });
    this.element = html('div', { class: 'color-bar' }, this.coloring.element, this.estimator.element, this.compared.element, this.legend);
  }

  /** `range` null: nothing is coloured. `known`: what there are values for. */
  update(state: LensState, known: readonly Coloring[], range: ColorRange | null): void {
    const { view, estimator, estimators, source } = state;
    this.coloring.update(Object.fromEntries(known.map((name) => [name, colorings[name]])), view.coloring);
    const named = (names: readonly EstimatorName[]): Record<string, string> =>
      Object.fromEntries(names.map((name) => [name, name === source?.estimator ? `${name} (of the run)` : name]));
    this.estimator.update(named(estimators.length === 0 ? estimatorNames : estimators), estimator);
    this.compared.update(
      { none: 'none', ...named(estimators.filter((name) => name !== estimator)) },
      view.compared !== null && view.compared !== estimator ? view.compared : 'none',
    );
    setVisible(this.coloring.element, known.length > 0);
    setVisible(this.estimator.element, estimators.length > 1);
    setVisible(this.compared.element, known.includes('advantage') && estimators.length > 1 && view.view === 'text');
    setVisible(this.legend, range !== null);
    if (range === null) return;
    setText(this.low, quantityText(range.low));
    setText(this.high, quantityText(range.high));
    this.legend.title = `${colorings[view.coloring]}: from ${quantityText(range.low)} to ${quantityText(range.high)}${range.isDiverging ? '; blue above 0, orange below' : ''}`;
    if (range.isDiverging === this.isDiverging) return;
    this.isDiverging = range.isDiverging;
    const shown = Array.from({ length: tones + 1 }, (_, tone) => tone);
    const all = range.isDiverging
      ? [
          ...shown
            .slice(1)
            .toReversed()
            .map((tone) => -tone),
          ...shown,
        ]
      : shown;
    this.scale.replaceChildren(
      ...all.map((tone) => html('span', { class: `token ${toneClass(tone)}` }, tone === 0 && range.isDiverging ? '0' : ' ')),
    );
  }
}
