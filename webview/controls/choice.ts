import { html } from '../dom.ts';
import { dropdown } from './toolkit.ts';
import type { Control } from './toolkit.ts';

export interface ChoiceOptions {
  readonly label: string;
  readonly title: string;
  readonly onChange: (value: string) => void;
}

/** A dropdown whose options change. */
export class Choice {
  readonly element: HTMLElement;
  private control: Control<string> | null = null;
  private options = '';
  /** What it was last told: what the user chose meanwhile stands until that changes. */
  private told = '';

  constructor(
    className: string,
    private readonly choice: ChoiceOptions,
  ) {
    this.element = html('div', { class: className });
  }

  /** `options`: texts by value, in their order. */
  update(options: Readonly<Record<string, string>>, value: string): void {
    const asked = JSON.stringify(options);
    if (asked !== this.options) this.build(options, value);
    else if (value !== this.told) this.control?.set(value);
    [this.options, this.told] = [asked, value];
  }

  /** Anew, because the list that is there does not take other options. */
  private build(options: Readonly<Record<string, string>>, value: string): void {
    const hadFocus = this.element.contains(document.activeElement);
    this.control = dropdown<string>({ ...this.choice, options, value });
    this.element.replaceChildren(this.control.element);
    if (hadFocus) this.element.querySelector<HTMLElement>('vscode-dropdown')?.focus();
  }
}
