import type { EstimatorName } from '../../src/core/estimators/estimator.ts';
import { integerText, quantityText } from '../../src/core/notation.ts';
import { printable } from '../../src/core/printable.ts';
import type { Trajectory } from '../../src/core/records/trajectory.ts';
import { html, setChildren } from '../dom.ts';
import { valuesOf } from './coloring.ts';

/** All numbers of the token that is pointed at; it always takes the same room, so that nothing moves. */
export class TokenReadout {
  readonly element = html('div', { class: 'token-readout', role: 'status', 'aria-live': 'polite', 'aria-label': 'Numbers of the token' });

  show(trajectory: Trajectory | null, token: number | null, estimators: readonly EstimatorName[]): void {
    if (trajectory === null || token === null) {
      const hint = html(
        'span',
        { class: 'muted' },
        trajectory?.isTokenized === true ? 'Point at a token, or go with ← and →, for its numbers.' : '',
      );
      setChildren(this.element, [hint]);
      return;
    }
    const entry = (name: string, text: string, title: string): HTMLElement =>
      html('span', { class: 'readout-entry', title }, html('span', { class: 'muted' }, name), ' ', html('b', {}, text), ' ');
    const number = (coloring: Parameters<typeof valuesOf>[1], estimator: EstimatorName): string => {
      const value = valuesOf(trajectory, coloring, estimator)?.(token) ?? NaN;
      return quantityText(Number.isNaN(value) ? null : value);
    };
    const [first] = estimators;
    if (first === undefined) return;
    const logProb = trajectory.logProbs?.[token] ?? NaN;
    const { index, turn, isChosen } = placeOf(trajectory, token);
    const entries = [
      html('code', { class: 'readout-token' }, JSON.stringify(printable(trajectory.response[token] ?? '')).slice(0, 60)),
      entry('token', `${integerText(token)}`, 'Place in the response, from 0'),
      ...(isChosen
        ? [
            entry('chosen', integerText(index), 'Place among the tokens that the policy chose, from 0'),
            entry('turn', integerText(turn), 'Turn, from 1'),
            entry('π', number('probability', first), 'Probability that the policy gave the token'),
            entry('log π', quantityText(Number.isNaN(logProb) ? null : logProb), 'Its logarithm'),
            entry('Σπ²', number('sumPiSquared', first), 'Sum of the squared probabilities of all tokens here'),
            entry('w_t', number('tokenEnergy', first), 'Energy of the token, 1 − 2π + Σπ²'),
            entry('W_t', number('accumulatedEnergy', first), 'Energy up to this token'),
            ...estimators.flatMap((estimator) => [
              ...(estimators.length > 1 ? [html('span', { class: 'readout-estimator' }, estimator)] : []),
              entry('B_t', number('baseline', estimator), `Baseline under ${estimator}`),
              entry('A_t', number('advantage', estimator), `Advantage under ${estimator}`),
            ]),
          ]
        : [html('span', { class: 'muted' }, 'A tool or the environment answered this: the policy did not choose it.')]),
    ];
    setChildren(this.element, entries);
  }
}

/** Where a token is among those that were chosen. */
function placeOf({ mask }: Trajectory, token: number): { readonly index: number; readonly turn: number; readonly isChosen: boolean } {
  if (mask === null) return { index: token, turn: 1, isChosen: true };
  let index = 0;
  let turn = 0;
  for (let at = 0; at <= token; at++) {
    if (mask[at] === 0) continue;
    if (at === 0 || mask[at - 1] === 0) turn++;
    if (at < token) index++;
  }
  return { index, turn, isChosen: mask[token] !== 0 };
}
