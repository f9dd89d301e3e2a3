import { isUsual, limitText, parseLimits, usualAxis } from '../../src/core/panel/chartAxis.ts';
import type { ChartAxis } from '../../src/core/panel/chartAxis.ts';
import { html, setAttribute, setText, setVisible } from '../dom.ts';
import { icon } from '../icons.ts';
import { Popover } from './popover.ts';

/** Milliseconds for which it is told that something was copied. */
const tellMs = 2500;

const scales: Readonly<Record<ChartAxis['scale'], string>> = { usual: 'Auto', linear: 'Linear', log: 'Log' };

export interface ChartMenuActions {
  /** Lets the chart fill the panel, or stand among the others again. */
  enlarge(isEnlarged: boolean): void;
  /** Both say what became of it. */
  copyPicture(): Promise<string>;
  copyData(): Promise<string>;
  setAxis(axis: ChartAxis): void;
  /** Whether the axis is logarithmic, as it is drawn. */
  isLog(): boolean;
}

/** What can be done with one chart: a button to enlarge it, and a menu, in its corner. */
export class ChartMenu {
  private readonly size = html('button', { type: 'button', class: 'chart-button', 'aria-pressed': 'false' });
  private readonly scaleInputs: ReadonlyMap<ChartAxis['scale'], HTMLInputElement>;
  private readonly low = limitInput('Lower limit of the y axis');
  private readonly high = limitInput('Upper limit of the y axis');
  private readonly problem: HTMLElement;
  private readonly reset = html('button', { type: 'button', class: 'menu-entry' }, 'Reset axis');
  private readonly told = html('span', { class: 'chart-told', 'aria-live': 'polite' });
  private readonly popover: Popover;
  readonly element: HTMLElement;
  private axis = usualAxis;
  private isEnlarged = false;
  private telling: ReturnType<typeof setTimeout> | undefined;

  /** `id`: unique in the page. */
  constructor(
    private readonly heading: string,
    id: string,
    private readonly actions: ChartMenuActions,
  ) {
    this.problem = html('p', { class: 'limits-problem', id: `${id}-limits`, role: 'alert', hidden: true });
    this.scaleInputs = new Map(
      (Object.keys(scales) as ChartAxis['scale'][]).map((scale) => {
        const input = html('input', { type: 'radio', name: `${id}-scale`, value: scale, checked: scale === usualAxis.scale });
        input.addEventListener('change', () => this.choose({ scale }));
        return [scale, input];
      }),
    );
    for (const input of [this.low, this.high]) {
      setAttribute(input, 'aria-describedby', this.problem.id);
      input.addEventListener('change', () => this.takeLimits());
    }
    this.reset.addEventListener('click', () => this.actions.setAxis(usualAxis));
    const content = html(
      'div',
      { class: 'menu chart-menu' },
      this.entry('Copy as picture', () => actions.copyPicture()),
      this.entry('Copy visible data', () => actions.copyData()),
      html(
        'fieldset',
        { class: 'chart-scale' },
        html('legend', {}, 'Y axis'),
        ...[...this.scaleInputs].map(([scale, input]) => html('label', {}, input, scales[scale])),
      ),
      html('div', { class: 'chart-limits' }, this.low, html('span', { 'aria-hidden': 'true' }, 'to'), this.high),
      this.problem,
      this.reset,
    );
    this.popover = new Popover({ label: `More: ${heading}`, title: `More for ${heading}`, only: 'more', content });
    this.size.addEventListener('click', () => actions.enlarge(!this.isEnlarged));
    this.element = html('div', { class: 'chart-tools' }, this.told, this.size, this.popover.element);
    this.update(usualAxis, false);
    this.showSize();
  }

  update(axis: ChartAxis, isEnlarged: boolean): void {
    if (isEnlarged !== this.isEnlarged) {
      this.isEnlarged = isEnlarged;
      this.showSize();
    }
    const isOwn = !isUsual(axis);
    this.element.classList.toggle('is-own', isOwn);
    setVisible(this.reset, isOwn);
    if (axis === this.axis) return;
    this.axis = axis;
    for (const [scale, input] of this.scaleInputs) input.checked = scale === axis.scale;
    this.low.value = limitText(axis.low);
    this.high.value = limitText(axis.high);
    this.tellProblem(null);
  }

  private showSize(): void {
    const label = this.isEnlarged ? 'Back to all charts' : 'Enlarge';
    this.size.replaceChildren(icon(this.isEnlarged ? 'shrink' : 'enlarge'));
    setAttribute(this.size, 'aria-label', `${label}: ${this.heading}`);
    setAttribute(this.size, 'title', this.isEnlarged ? `${label} (Escape)` : label);
    setAttribute(this.size, 'aria-pressed', this.isEnlarged ? 'true' : 'false');
  }

  private entry(text: string, run: () => Promise<string>): HTMLElement {
    const entry = html('button', { type: 'button', class: 'menu-entry' }, text);
    entry.addEventListener('click', () => {
      const done = run();
      this.popover.dismiss();
      void done.then((told) => this.tell(told));
    });
    return entry;
  }

  private choose(change: Partial<ChartAxis>): void {
    this.actions.setAxis({ ...this.axis, ...change });
  }

  private takeLimits(): void {
    const limits = parseLimits(this.low.value, this.high.value, this.actions.isLog());
    this.tellProblem(typeof limits === 'string' ? limits : null);
    if (typeof limits !== 'string') this.choose(limits);
  }

  private tellProblem(problem: string | null): void {
    setVisible(this.problem, problem !== null);
    setText(this.problem, problem ?? '');
    for (const input of [this.low, this.high]) setAttribute(input, 'aria-invalid', problem === null ? null : 'true');
  }

  private tell(text: string): void {
    setText(this.told, text);
    clearTimeout(this.telling);
    this.telling = setTimeout(() => setText(this.told, ''), tellMs);
  }
}

function limitInput(label: string): HTMLInputElement {
  return html('input', {
    type: 'text',
    class: 'limit',
    inputmode: 'decimal',
    placeholder: 'auto',
    'aria-label': label,
    autocomplete: 'off',
  });
}
