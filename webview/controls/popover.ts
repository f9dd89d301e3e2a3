import { html, setAttribute } from '../dom.ts';
import { icon } from '../icons.ts';
import { button } from './toolkit.ts';

export interface PopoverOptions {
  readonly label: string;
  readonly title: string;
  readonly content: HTMLElement;
}

/** A button that opens a small panel below itself. Escape, a click elsewhere or leaving it with the keyboard closes it. */
export class Popover {
  readonly element: HTMLElement;
  private readonly trigger;
  private readonly panel: HTMLElement;

  constructor({ label, title, content }: PopoverOptions) {
    this.trigger = button({ label, title, appearance: 'secondary', onClick: () => this.toggle() });
    const chevron = icon('chevron');
    setAttribute(chevron, 'slot', 'end');
    this.trigger.append(chevron);
    this.panel = html('div', { class: 'popover-panel', role: 'group', 'aria-label': title, hidden: true }, content);
    this.element = html('div', { class: 'popover' }, this.trigger, this.panel);
    setAttribute(this.trigger, 'aria-expanded', 'false');
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || this.panel.hidden) return;
      event.stopPropagation();
      this.dismiss();
    });
    this.element.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.element.contains(relatedTarget)) this.close();
    });
    document.addEventListener('pointerdown', ({ target }) => {
      if (target instanceof Node && !this.element.contains(target)) this.close();
    });
  }

  close(): void {
    this.panel.hidden = true;
    setAttribute(this.trigger, 'aria-expanded', 'false');
  }

  /** Closes it and gives the focus back to the button that opened it. */
  dismiss(): void {
    this.close();
    this.trigger.focus();
  }

  private toggle(): void {
    if (!this.panel.hidden) return this.close();
    this.panel.hidden = false;
    setAttribute(this.trigger, 'aria-expanded', 'true');
    this.keepInside();
  }

  /** Opens to the side that has room for it. */
  private keepInside(): void {
    this.panel.classList.remove('to-the-left');
    const { right } = this.panel.getBoundingClientRect();
    this.panel.classList.toggle('to-the-left', right > document.documentElement.clientWidth);
  }
}
