import { html, setAttribute, setText } from '../dom.ts';
import { icon } from '../icons.ts';
import type { IconName } from '../icons.ts';
import { button } from './toolkit.ts';

export interface PopoverOptions {
  readonly label: string;
  readonly title: string;
  readonly content: HTMLElement;
  /** Stands for the label where the page is too narrow for it; left out: the label is short. */
  readonly picture?: IconName;
  /** Stands alone on the button, in place of the label, which then names it. */
  readonly only?: IconName;
  /** Called before it opens. */
  readonly onOpen?: () => void;
}

/** Pixels between the panel and the edge of the page; toolbar.css makes it no wider than that. */
const margin = 12;

/** A button that opens a small panel below itself. Escape, a click elsewhere or leaving it with the keyboard closes it. */
export class Popover {
  readonly element: HTMLElement;
  private readonly trigger;
  private readonly panel: HTMLElement;
  private readonly onOpen: (() => void) | undefined;

  constructor({ label, title, content, picture, only, onOpen }: PopoverOptions) {
    this.onOpen = onOpen;
    const onClick = (): void => this.toggle();
    if (only === undefined) {
      const pictured = picture === undefined ? {} : { icon: icon(picture) };
      this.trigger = button({ label, title, ...pictured, appearance: 'secondary', onClick });
      const chevron = icon('chevron');
      setAttribute(chevron, 'slot', 'end');
      this.trigger.append(chevron);
    } else this.trigger = button({ label, title, icon: icon(only), appearance: 'icon', onClick });
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

  /** Another text for the button. */
  setLabel(label: string): void {
    setAttribute(this.trigger, 'aria-label', label);
    const text = this.trigger.querySelector('.button-label');
    if (text !== null) setText(text, label);
  }

  get isOpen(): boolean {
    return !this.panel.hidden;
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
    this.onOpen?.();
    this.panel.hidden = false;
    setAttribute(this.trigger, 'aria-expanded', 'true');
    this.keepInside();
    // Controls that were made just now take their size in a moment.
    requestAnimationFrame(() => this.keepInside());
  }

  /** Moves it to the left, so that it ends at the edge of the page and not beyond. */
  private keepInside(): void {
    this.panel.style.left = '0';
    const beyond = this.panel.getBoundingClientRect().right + margin - document.documentElement.clientWidth;
    this.panel.style.left = `${-Math.max(0, beyond)}px`;
  }
}
