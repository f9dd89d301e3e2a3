import { counted, exactText } from '../../src/core/notation.ts';
import type { Smoothing } from '../../src/core/panel/view.ts';
import { html, setAttribute, setText } from '../dom.ts';
import type { PanelState } from '../panelState.ts';

/** What the slider can be moved to, by what lines are averaged over. */
const stops: Readonly<Record<Smoothing['by'], readonly number[]>> = {
  range: [0, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2],
  steps: [0, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000],
};

/** How far lines are smoothed: a slider, the browser's own, since the toolkit has none, and its value in words. */
export class SmoothingControl {
  private readonly input = html('input', { type: 'range', min: 0, step: 1, 'aria-label': 'Smoothing' });
  private readonly amount = html('span', {});
  private readonly inSteps = html('span', { class: 'slider-steps' });
  private readonly shown = html('output', { class: 'slider-value' }, this.amount, this.inSteps);
  readonly element = html(
    'label',
    { class: 'control', title: 'Range that the bold lines are averaged over; 0: no smoothing' },
    html('span', { class: 'control-label' }, 'Smoothing'),
    this.input,
    this.shown,
  );
  private smoothing: Smoothing;

  constructor(smoothing: Smoothing, onChange: (smoothing: Smoothing) => void) {
    this.smoothing = smoothing;
    this.input.addEventListener('input', () => {
      const { by } = this.smoothing;
      const amount = stops[by][this.input.valueAsNumber] ?? 0;
      onChange(by === 'range' ? { by, share: amount } : { by, steps: amount });
    });
  }

  update({ view: { smoothing, x, range }, extent }: PanelState): void {
    this.smoothing = smoothing;
    const amount = amountOf(smoothing);
    setAttribute(this.input, 'max', stops[smoothing.by].length - 1);
    const stop = nearestStop(smoothing.by, amount);
    if (this.input.valueAsNumber !== stop) this.input.valueAsNumber = stop;
    const [from, to] = range ?? extent;
    const inSteps =
      smoothing.by === 'range' && amount > 0 && x === 'step' ? counted(Math.max(1, Math.round(amount * (to - from))), 'step') : '';
    setText(this.amount, amountText(smoothing));
    setText(this.inSteps, inSteps === '' ? '' : `, ${inSteps}`);
    const spoken = amount === 0 ? 'none' : smoothing.by === 'range' ? `${amountText(smoothing)} of the view` : amountText(smoothing);
    setAttribute(this.input, 'aria-valuetext', [spoken, inSteps].filter((text) => text !== '').join(', '));
  }
}

/** The same smoothing, as far as its stops allow, by the other measure. */
export function smoothingBy(by: Smoothing['by'], smoothing: Smoothing, inSight: number): Smoothing {
  if (smoothing.by === by) return smoothing;
  const amount = smoothing.by === 'range' ? smoothing.share * inSight : smoothing.steps / inSight;
  const stop = amount === 0 ? 0 : (stops[by][Math.max(1, nearestStop(by, amount))] ?? 0);
  return by === 'range' ? { by, share: stop } : { by, steps: stop };
}

function amountOf(smoothing: Smoothing): number {
  return smoothing.by === 'range' ? smoothing.share : smoothing.steps;
}

/** The stop that is nearest in its ratio; only nothing is at 0. */
function nearestStop(by: Smoothing['by'], amount: number): number {
  if (amount === 0) return 0;
  const distance = (stop: number): number => (stop === 0 ? Infinity : Math.abs(Math.log(stop / amount)));
  return stops[by].reduce((best, stop, index) => (distance(stop) < distance(stops[by][best] ?? 0) ? index : best), 1);
}

/** "2 %", "0.5 %", "12 steps", "0". */
function amountText(smoothing: Smoothing): string {
  const amount = amountOf(smoothing);
  if (amount === 0) return '0';
  return smoothing.by === 'range' ? `${exactText(Number((100 * amount).toPrecision(3)))} %` : counted(amount, 'step');
}
